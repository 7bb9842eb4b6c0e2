import { expect, test } from 'vitest';
import { LIMITS } from '../jmap/limits.ts';
import type { Session } from '../jmap/session.ts';
import { createMailContext } from '../mail/context.ts';
import { startHarness } from '../mail/harness.testing.ts';
import { mailEngine } from '../mail/methods.ts';
import { NEWEST_FIRST, PAGE, ROW_PROPERTIES } from './api.ts';
import { tellStart } from './lines.ts';

const letter = (subject: string, day: number, references = '') => ({ bytes: Buffer.from(`From: a@example.net\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@x>\r\n${references}\r\nText of ${subject}\r\n`), internalDateMs: Date.UTC(2026, 0, day) });

type Lines = { session?: object; mailboxes?: { list: { id: string; role: string }[] }; inbox?: { page: { ids: string[] }; rows: { list: Record<string, unknown>[] } } };

test('a page begins with what the same calls by JMAP say, line by line', async () => {
  const at = await startHarness({ INBOX: [letter('first', 1), letter('reply', 2, 'References: <first@x>\r\n'), letter('other', 3)], Sent: [] }, { Sent: '\\Sent' });
  try {
    const session = { state: 's' } as Session;
    const engine = mailEngine(() => {});
    const start = async (collapseThreads: boolean | undefined): Promise<[string[], Lines]> => {
      const lines: object[] = [];
      await tellStart({ session, engine, context: createMailContext(at.access, LIMITS, () => {}), collapseThreads }, (line) => void lines.push(line));
      return [lines.flatMap((line) => Object.keys(line)), JSON.parse(JSON.stringify(Object.assign({}, ...lines)))];
    };

    const [order, { mailboxes, inbox }] = await start(true);
    expect(order).toEqual(['session', 'mailboxes', 'inbox']);
    expect(mailboxes).toEqual(await at.call('Mailbox/get', { ids: null }));
    const { id } = mailboxes!.list.find(({ role }) => role === 'inbox')!;
    expect(inbox?.page).toEqual(await at.call('Email/query', { filter: { inMailbox: id }, sort: NEWEST_FIRST, collapseThreads: true, position: 0, limit: PAGE, calculateTotal: false }));
    expect(inbox?.rows).toEqual(await at.call('Email/get', { ids: inbox?.page.ids, properties: ROW_PROPERTIES }));
    expect(inbox?.rows.list.map(({ subject }) => subject)).toEqual(['other', 'reply']);
    expect(inbox?.rows.list[0]).not.toHaveProperty('preview');

    expect((await start(false))[1].inbox?.page).toMatchObject({ total: 3 });
    expect((await start(undefined))[0]).toEqual(['session', 'mailboxes']);
    const gone = new Error('nobody listens');
    const deaf = tellStart({ session, engine, context: createMailContext(at.access, LIMITS, () => {}), collapseThreads: true }, () => {
      throw gone;
    });
    await expect(deaf).rejects.toBe(gone);
  } finally {
    await at.close();
  }
});

test('what the platform does not answer is left out, and nothing is thrown', async () => {
  const at = await startHarness({ INBOX: [letter('first', 1)] });
  await at.close();
  const lines: object[] = [];
  await tellStart({ session: { state: 's' } as Session, engine: mailEngine(() => {}), context: createMailContext(at.access, LIMITS, () => {}), collapseThreads: true }, (line) => void lines.push(line));
  expect(lines).toEqual([{ session: { state: 's' } }]);
});
