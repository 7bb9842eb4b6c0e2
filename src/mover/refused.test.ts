/**
 * Messages that a platform refuses, and a person's decision about them: all others are carried, none that nobody decided
 * about is left, each that was left is in the receipt and stays where it was, also on the way back.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sql } from 'kysely';
import type { SeedMessage, Vice } from '#practice/index.ts';
import { verifyAgainstReceipt } from './compare/against-receipt.ts';
import { lastReceipt } from './read.ts';
import { receiptText, verifyReceipt } from './hold/receipt.ts';
import { refusedOf, type Without } from './refused.ts';
import { requestMove } from './request.ts';
import { requestRollback } from './back/rollback.ts';
import { type Bench, mail, openBench } from './testing.ts';

const vices = { old: new Set<Vice>(), new: new Set<Vice>() };
let bench: Bench;
beforeAll(async () => {
  bench = await openBench({ old: { vices: vices.old }, new: { vices: vices.new } });
});
afterAll(() => bench.close());

const withBytes = (text: string, body: string): SeedMessage => ({ ...mail(text), bytes: Buffer.from(`Subject: ${text}\r\n\r\n${body}\r\n`) });
const NUL = (text: string): SeedMessage => withBytes(text, 'a\0b');

const MAILBOXES = { INBOX: [mail('one'), NUL('two'), mail('three'), NUL('four')], 'Ops/a.b': [NUL('five')], Sent: [mail('six')] };
const ask = (account: number, without?: Without): Promise<number> =>
  bench.store.transaction((tx) => requestMove(tx, { accountId: account, source: 'old', target: 'new', actor: 'operator:ada', without }));
const bodyOf = async (account: number) => verifyReceipt(receiptText((await lastReceipt(bench.store, account))!), bench.receiptKey.publicKeyPem);

let accounts = 0;
async function refusedMove(mailboxes: Readonly<Record<string, readonly SeedMessage[]>> = MAILBOXES) {
  const address = `refused-${(accounts += 1)}@example.org`;
  const account = await bench.account(address, mailboxes);
  const before = await bench.contents('old', address);
  const failed = await bench.drive(await ask(account));
  return { address, account, before, failed };
}
const without = (before: Record<string, string[]>, gone: Readonly<Record<string, readonly number[]>>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(before).map(([name, lines]) => {
    const key = name.slice(0, name.indexOf(' '));
    return [name.replace('a.b', 'a_b'), lines.filter((_, at) => gone[key]?.includes(at + 1) !== true)];
  }));
const ALL = { INBOX: [2, 4], 'Ops/a.b': [1] };

test('all else is copied first; each refusal is listed; the account waits, and moves when a person has decided about each', async () => {
  vices.new.add('refuses-nul');
  const { address, account, before, failed } = await refusedMove();
  expect(failed).toMatchObject({ state: 'failed', failure: 'content', error: expect.stringMatching(/message \d of .*NUL.*; and 2 more messages are refused/) });
  expect(await bench.home(account)).toMatchObject({ home: 'old', phase: 'settled' });
  expect(await bench.contents('new', address)).toEqual(without(before, ALL));
  const listed = await refusedOf(bench.store, account);
  expect(listed.map(({ mailbox, uid, failure, decidedBy }) => [mailbox, uid, failure, decidedBy])).toEqual([
    ['INBOX', 2, 'content', null],
    ['INBOX', 4, 'content', null],
    ['Ops/a.b', 1, 'content', null],
  ]);

  // About two of three is not about all.
  const some = await bench.drive(await ask(account, { classes: [], messages: [{ mailbox: 'INBOX', uid: 2 }, { mailbox: 'Ops/a.b', uid: 1 }] }));
  expect(some).toMatchObject({ state: 'failed', failure: 'content', error: expect.stringMatching(/message 4 of "INBOX"(?!.*more)/) });
  const moved = await bench.drive(await ask(account, { classes: [], messages: [{ mailbox: 'INBOX', uid: 2 }, { mailbox: 'Ops/a.b', uid: 1 }, { mailbox: 'INBOX', uid: 4 }] }));
  expect(moved).toMatchObject({ state: 'moved', messages: 3 });
  expect(await bench.contents('new', address)).toEqual(without(before, ALL));
  expect(await bench.contents('old', address)).toEqual(before);

  const receipt = await bodyOf(account);
  expect(receipt.mapped).toEqual([{ mailbox: 'Ops/a.b', as: 'Ops.a_b' }]);
  expect(receipt.mailboxes.find(({ source }) => source.mailbox === 'INBOX')?.source.count).toBe(2);
  expect(receipt.refused).toEqual([
    expect.objectContaining({ mailbox: 'INBOX', uid: 2, failure: 'content', reason: expect.stringContaining('NUL'), decidedBy: 'operator:ada', size: NUL('two').bytes!.length }),
    expect.objectContaining({ mailbox: 'INBOX', uid: 4, failure: 'content' }),
    expect.objectContaining({ mailbox: 'Ops/a.b', uid: 1, failure: 'content' }),
  ]);
  const { rows } = await sql<{ detail: unknown }>`select detail from audit where act = 'move.requested' and actor = 'operator:ada' and subject = ${`account:${account}`} order by id desc limit 1`.execute(bench.store.db());
  expect(rows[0]!.detail).toMatchObject({ without: { messages: [{ mailbox: 'INBOX', uid: 2 }, { mailbox: 'Ops/a.b', uid: 1 }, { mailbox: 'INBOX', uid: 4 }] } });

  const [source, target] = await Promise.all([bench.client('old', address), bench.client('new', address)]);
  expect(await verifyAgainstReceipt(source, target, receipt, { name: 5 })).toMatchObject({ well: true });
  await Promise.all([source.logout(), target.logout()]);
});

test('the way back leaves them where they are, also when the customer has deleted the mailbox at the new home', async () => {
  const { address, account, before } = await refusedMove();
  expect(await bench.drive(await ask(account, { classes: ['content'], messages: [] }))).toMatchObject({ state: 'moved' });
  await bench.append('new', address, 'INBOX', ['since']);
  const client = await bench.client('new', address);
  await client.delete('Ops.a_b');
  await client.logout();
  const back = await bench.store.transaction((tx) => requestRollback(tx, { accountId: account, actor: 'operator:ada' }));
  expect(await bench.drive(back)).toMatchObject({ state: 'moved' });
  expect(await bench.home(account)).toMatchObject({ home: 'old' });
  const after = await bench.contents('old', address);
  const inbox = Object.keys(before).find((name) => name.startsWith('INBOX '))!;
  expect(after[inbox]!.slice(0, 4)).toEqual(before[inbox]);
  expect(after[inbox]).toHaveLength(5);
  const ops = (held: Record<string, string[]>): string[] | undefined => Object.entries(held).find(([name]) => name.startsWith('Ops/a.b'))?.[1];
  expect(ops(after)).toEqual(ops(before));
  expect((await bodyOf(account)).kept?.map(({ mailbox, uid }) => [mailbox, uid])).toEqual([['INBOX', 2], ['INBOX', 4]]);

  // Another move asks anew where the decision is withdrawn; what was decided stands where it is not.
  expect(await bench.drive(await ask(account, { classes: [], messages: [] }))).toMatchObject({ state: 'failed', failure: 'content' });
  vices.new.clear();
  expect(await bench.drive(await ask(account))).toMatchObject({ state: 'moved' });
  expect((await bodyOf(account)).refused).toEqual([]);
  const names = (held: Record<string, string[]>): string[] => Object.values(held).flat().sort();
  expect(names(await bench.contents('new', address))).toEqual(names(await bench.contents('old', address)));
});

test('a class that was decided about also holds for what arrives later, and for no other class', async () => {
  vices.new.add('refuses-nul').add('is-full-in-other-words');
  const address = `refused-${(accounts += 1)}@example.org`;
  const account = await bench.account(address, { INBOX: [mail('one')] });
  expect(await bench.drive(await ask(account, { classes: ['content', 'too-big'], messages: [] }))).toMatchObject({ state: 'failed', failure: 'append' });
  vices.new.delete('is-full-in-other-words');
  const late = await ask(account, { classes: ['content'], messages: [] });
  const client = await bench.client('old', address);
  const bytes = NUL('late').bytes!;
  await client.append('INBOX', { flags: [], internalDate: '01-Jan-2024 00:00:00 +0000', size: bytes.length }, (async function* () { yield bytes; })());
  await client.logout();
  expect(await bench.drive(late)).toMatchObject({ state: 'moved', messages: 1 });
  expect((await bodyOf(account)).refused).toMatchObject([{ mailbox: 'INBOX', uid: 2, decidedBy: 'operator:ada' }]);
  vices.new.clear();
});

test('a message that the source cannot give is named, and only a decision about it by name leaves it', async () => {
  const address = `refused-${(accounts += 1)}@example.org`;
  const account = await bench.account(address, { INBOX: [mail('one'), mail('two'), mail('three')] });
  const before = await bench.contents('old', address);
  vices.old.add('cannot-read-one');
  const failed = await bench.drive(await ask(account));
  expect(failed).toMatchObject({ state: 'failed', failure: 'source-read', error: expect.stringMatching(/message 2 of "INBOX".*cannot be read/) });
  expect(await bench.drive(await ask(account, { classes: [], messages: [{ mailbox: 'INBOX', uid: 2 }] }))).toMatchObject({ state: 'moved', messages: 2 });
  expect((await bodyOf(account)).refused).toMatchObject([{ mailbox: 'INBOX', uid: 2, failure: 'source-read' }]);
  vices.old.clear();
  expect(await bench.contents('new', address)).toEqual(without(before, { INBOX: [2] }));
});

test('nobody decides about what was not refused', async () => {
  const account = await bench.account(`refused-${(accounts += 1)}@example.org`, { INBOX: [mail('one')] });
  await expect(ask(account, { classes: [], messages: [{ mailbox: 'INBOX', uid: 1 }] })).rejects.toThrow(/no move to new was refused message 1/);
});
