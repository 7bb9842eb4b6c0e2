/**
 * What a customer, or a mail through him, says never becomes a command to the platform: Roundcube 1.6.14 (CVE-2026-35538:
 * IMAP injection in mail search) and 1.7.3 (the same by a literal whose count is of characters and not of bytes).
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Harness, startHarness } from './harness.testing.ts';

const letter = (subject: string, text: string) => ({ bytes: Buffer.from(`From: a@a.example\r\nTo: b@b.example\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@a.example>\r\n\r\n${text}\r\n`), internalDateMs: 1_700_000_000_000 });

let at: Harness;
beforeAll(async () => {
  at = await startHarness({ INBOX: [letter('one', 'kept'), letter('two', 'kept, too')], Kept: [letter('three', 'x')], Trash: [] }, { Trash: '\\Trash' });
});
afterAll(() => at?.close());

/** All that an injected command would change. */
async function allThatIs(): Promise<unknown> {
  const { list } = await at.call<{ list: { name: string; totalEmails: number; unreadEmails: number }[] }>('Mailbox/get', {});
  return list.map(({ name, totalEmails, unreadEmails }) => [name, totalEmails, unreadEmails]).toSorted();
}

const COMMANDS = ['A1 DELETE Kept', '1 STORE 1:* +FLAGS (\\Seen \\Deleted)', 'X EXPUNGE', 'A1 RENAME Kept Gone', 'T1 LOGOUT', 'A SELECT Kept'];
const BREAKS = ['\r\n', '\n', '\r', '"\r\n', '{5}\r\n', '{5+}\r\n', '{0}\r\n', '~{5}\r\n', '\\"\r\n', ')\r\n', '\0\r\n', '\u2028', '\u{85}', 'é\r\n', 'ééééé{5+}\r\n', '\u{1f600}\r\n', '%0d%0a', '\u{d}\u{a}', '*', '%', '"', '\\', '(', ')', '{', '}'];
const hostile = fc.array(fc.oneof(fc.constantFrom(...BREAKS), fc.constantFrom(...COMMANDS), fc.string({ maxLength: 6 }), fc.stringMatching(/^[é日\u{1f600}]{0,5}$/u)), { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));

test('words that are searched for, in each field, are words', async () => {
  const before = await allThatIs();
  const fields = ['text', 'subject', 'from', 'to', 'cc', 'bcc', 'body'] as const;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...fields), hostile, async (field, words) => {
      const { methodResponses } = await at.ask(['Email/query', { filter: { [field]: words } }], ['Core/echo', { still: 'here' }]);
      expect(methodResponses[1]?.[1]).toMatchObject({ still: 'here' });
    }),
    { numRuns: 150 },
  );
  for (const command of COMMANDS) for (const breaks of BREAKS) await at.ask(['Email/query', { filter: { operator: 'OR', conditions: [{ subject: `x${breaks}${command}\r\n` }, { header: ['X-Y', `x${breaks}${command}`] }] } }]);
  expect(await allThatIs()).toEqual(before);
  expect((await at.call<{ ids: string[] }>('Email/query', { filter: { subject: 'one' } })).ids).toHaveLength(1);
});

test('names of header fields, keywords and mailboxes, and ids, are none or themselves', async () => {
  const before = await allThatIs();
  for (const command of COMMANDS) {
    for (const breaks of BREAKS) {
      const words = `x${breaks}${command}\r\n`;
      await at.ask(
        ['Email/query', { filter: { header: [words, 'x'] } }],
        ['Email/query', { filter: { hasKeyword: words } }],
        ['Email/query', { filter: { inMailbox: words } }],
        ['Email/get', { ids: [words], properties: ['id', 'subject'] }],
        ['Thread/get', { ids: [words] }],
        ['Email/set', { update: { [words]: { [`keywords/${words}`]: true } } }],
        ['SearchSnippet/get', { emailIds: [words], filter: { text: words } }],
      );
    }
  }
  expect(await allThatIs()).toEqual(before);
});

test('a mailbox with a hostile name has just that name, or there is none', async () => {
  for (const command of COMMANDS) {
    const name = `n\r\n${command}`;
    const { notCreated } = await at.call<{ notCreated: Record<string, unknown> | null }>('Mailbox/set', { create: { n: { name, parentId: null } } });
    expect(Object.keys(notCreated ?? {})).toEqual(['n']);
  }
  expect(((await allThatIs()) as [string][]).map(([name]) => name).toSorted()).toEqual(['Inbox', 'Kept', 'Trash']);
});
