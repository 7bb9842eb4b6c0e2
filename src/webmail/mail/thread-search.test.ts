import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ImapConnection } from '#imap/connection.ts';
import type { SearchKey } from '#imap/commands/search.ts';
import { LIMITS } from '../jmap/limits.ts';
import { createMailContext, type MailContext } from './context.ts';
import { type Harness, message, startHarness } from './harness.testing.ts';
import type { Box, Counts } from './mailboxes.ts';
import { createMailMemory } from './memory.ts';
import { findThreadsIn } from './thread-search.ts';

const first = message({ 'Message-ID': '<one@x>', Subject: 'one' });
const reply = message({ 'Message-ID': '<two@x>', References: '<one@x>', Subject: 'Re: one' });
const other = message({ 'Message-ID': '<other@x>', Subject: 'that names one@x', 'In-Reply-To': '<none@x> <one@x>' });

let mail: Harness;
beforeAll(async () => {
  mail = await startHarness({ INBOX: [first, other, reply].map((bytes) => ({ bytes, internalDateMs: 0 })) });
});
afterAll(() => mail.close());

/** What is searched for the thread of `one@x`, and which UIDs are then its. */
async function ask(context: MailContext, counts: Partial<Counts> = {}): Promise<{ searched: string[]; uids: number[] }> {
  const searched: string[] = [];
  const listening = (connection: ImapConnection): ImapConnection => ({
    ...connection,
    get selected() {
      return connection.selected;
    },
    uidSearch(key: SearchKey) {
      searched.push(...(key.key === 'and' ? key.of : []).flatMap((each) => (each.key === 'uid' ? [each.uids] : [])));
      return connection.uidSearch(key);
    },
  });
  const inbox = (await context.mailboxes()).all.find(({ role }) => role === 'inbox')!;
  const box: Box = { ...inbox, counts: { ...inbox.counts!, ...counts } };
  const access = { ...context.access, imapPatiently: <T>(work: (connection: ImapConnection) => Promise<T>) => context.access.imap((connection) => work(listening(connection))) };
  const places = await findThreadsIn(box, new Set(['one@x']), { ...context, access });
  return { searched, uids: places.map(({ location }) => location.uid).sort((a, b) => a - b) };
}

const anew = (): MailContext => createMailContext(mail.access, LIMITS, () => {});

test('who asks again has only what came since searched; what went or is to go is not told', async () => {
  expect(await ask(anew())).toEqual({ searched: ['1:4294967295'], uids: [1, 3] });
  expect(await ask(anew())).toEqual({ searched: [], uids: [1, 3] });
  const client = await mail.imap();
  await client.select('INBOX');
  await client.appendMany('INBOX', [{ flags: [], internalDate: '', bytes: reply }]);
  await client.store('1', '+FLAGS', ['\\Deleted']);
  expect(await ask(anew())).toEqual({ searched: ['4:4294967295'], uids: [3, 4] });
  await client.store('1', '-FLAGS', ['\\Deleted']);
  await client.store('3', '+FLAGS', ['\\Deleted']);
  await client.expunge('3');
  expect(await ask(anew())).toEqual({ searched: [], uids: [1, 4] });
  // Made anew it has other messages under the same UIDs.
  expect(await ask(anew(), { uidValidity: 7 })).toMatchObject({ uids: [] });
});

test('a large mailbox is looked through in pieces, from its first UID to its last', async () => {
  const forgetful = { ...mail.access, memory: createMailMemory() };
  const { searched, uids } = await ask(createMailContext(forgetful, LIMITS, () => {}), { total: 50_000, uidNext: 100_001 });
  expect(uids).toEqual([1, 4]);
  expect(searched.length).toBeGreaterThan(2);
  const ends = searched.map((range) => range.split(':').map(Number) as [number, number]);
  expect([ends[0], ends.at(-1)![1]]).toEqual([[1, 4_000], 4_294_967_295]);
  for (const [at, [from]] of ends.entries()) if (at > 0) expect(from).toBe(ends[at - 1]![1] + 1);
});
