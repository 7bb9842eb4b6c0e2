/**
 * Platforms with the bad habits of real ones (`docs/quirks.md`): what can be copied is copied faithfully; what cannot is
 * told with its class and its message, and the account stays where it is. Never is anything lost, altered or doubled.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SeedMessage, Vice } from '#practice/index.ts';
import { type Bench, mail, openBench } from './testing.ts';
import type { FailureClass } from './tables.ts';

const vices = { old: new Set<Vice>(), new: new Set<Vice>() };
let bench: Bench;
beforeAll(async () => {
  bench = await openBench({ old: { vices: vices.old }, new: { vices: vices.new } });
});
afterAll(() => bench.close());

type Mailboxes = Readonly<Record<string, readonly SeedMessage[]>>;

const some = Array.from({ length: 12 }, (_, n) => mail(`number ${n}`, { internalDateMs: Date.UTC(2004, 2, 1) + n * 1_000, flags: n % 2 === 0 ? ['\\Flagged', '\\Seen'] : ['\\Seen'] }));
const PLAIN: Mailboxes = { INBOX: [...some, some[0]!], Sent: [mail('sent')] };
const withBytes = (text: string, body: string): SeedMessage => ({ ...mail(text), bytes: Buffer.from(`Subject: ${text}\r\n\r\n${body}\r\n`) });

/**
 * Without the order of messages, which a refusal in the middle does not keep yet: those that were on their way behind it
 * are stored before it.
 */
const held = async (side: 'old' | 'new', address: string): Promise<Record<string, string[]>> =>
  Object.fromEntries(Object.entries(await bench.contents(side, address)).map(([name, messages]) => [name, messages.toSorted()]));

async function empty(address: string): Promise<void> {
  const client = await bench.client('new', address);
  for (const { name } of await client.list('', '*')) {
    if ((await client.select(name)).exists === 0) continue;
    await client.store('1:*', '+FLAGS', ['\\Deleted']);
    await client.expunge('1:*');
  }
  await client.logout();
}

let accounts = 0;

async function move(side: 'old' | 'new', vice: Vice, mailboxes: Mailboxes) {
  const address = `${vice}-${(accounts += 1)}@example.org`;
  const account = await bench.account(address, mailboxes);
  const before = await held('old', address);
  vices[side].add(vice);
  try {
    const ended = await bench.drive(await bench.request(account));
    return { ended, before, address, account };
  } finally {
    vices[side].clear();
  }
}

test.each<[Vice, Mailboxes]>([
  ['throttles', PLAIN],
  ['asks-to-back-off', PLAIN],
  ['forgets-flagged', PLAIN],
])('a target that %s gets all of it', async (vice, mailboxes) => {
  const { ended, before, address, account } = await move('new', vice, mailboxes);
  expect(ended).toMatchObject({ state: 'moved', error: null });
  expect(await held('new', address)).toEqual(before);
  expect(await held('old', address)).toEqual(before);
  expect((await bench.home(account)).home).toBe('new');
});

test.each<['old' | 'new', Vice, Mailboxes, FailureClass, RegExp]>([
  ['new', 'dates-by-itself', PLAIN, 'date', /message 1 of "INBOX"/],
  ['new', 'folds-case', { INBOX: [], Trash: [mail('one')], trash: [mail('two')] }, 'mailbox', /"[tT]rash".*ALREADYEXISTS/],
  ['new', 'has-no-levels', { INBOX: [], 'A/b': [mail('one')] }, 'mailbox', /"A\.b".*no levels/],
  ['new', 'refuses-nul', { INBOX: [mail('one'), withBytes('nul', 'a\0b'), mail('three')] }, 'content', /message 2 of "INBOX".*NUL/],
  ['new', 'refuses-long-lines', { INBOX: [mail('one'), withBytes('long', 'x'.repeat(10_500)), mail('three')] }, 'content', /message 2 of "INBOX".*too long/],
  ['new', 'scans', { INBOX: [mail('one'), mail('two'), withBytes('ill', 'EICAR')] }, 'content', /message 3 of "INBOX".*Virus/],
  ['new', 'is-full-in-other-words', PLAIN, 'append', /message \d+ of "INBOX".*Server Unavailable\. 15/],
  ['new', 'swallows-deleted', { INBOX: [mail('one'), mail('deleted', { flags: ['\\Deleted'] })] }, 'mailbox', /does not keep/],
  ['old', 'cannot-read-one', { INBOX: [mail('one'), mail('two'), mail('three')] }, 'source-read', /"INBOX".*cannot be read/],
])('at %s, one that %s: the account stays, and the reason is told', async (side, vice, mailboxes, failure, reason) => {
  const { ended, before, address, account } = await move(side, vice, mailboxes);
  expect(ended).toMatchObject({ state: 'failed', failure });
  expect(ended.error).toMatch(reason);
  expect(await bench.home(account)).toMatchObject({ home: 'old', phase: 'settled' });
  expect(await held('old', address)).toEqual(before);
  // When a person has seen to it, what was copied is taken up and nothing is doubled. Copies with wrong dates have to go.
  if (vice === 'dates-by-itself') await empty(address);
  expect(await bench.drive(await bench.request(account))).toMatchObject({ state: 'moved' });
  expect(await held('new', address)).toEqual(before);
});
