/** What a merge leaves alone at a home where customers were at work meanwhile. */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { giveUpMerge, losses } from './merge.ts';
import { requestRollback } from './rollback.ts';
import { mail, openBench } from '../testing.ts';
import type { Bench } from '../testing.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

/** One for all copies, so that they are recognised. */
const DATE = '01-Jan-2020 00:00:00 +0000';

/** Moved, and carried back from a home that died before anything was followed. */
async function abandoned(address: string): Promise<number> {
  const account = await bench.account(address, {
    INBOX: [mail('one'), mail('two')],
    Box: Array.from({ length: 5 }, (_, n) => mail(`in the box ${n}`)),
    Quiet: [mail('three')],
  });
  expect(await bench.drive(await bench.request(account))).toMatchObject({ state: 'moved' });
  await bench.append('new', address, 'Box', ['left behind'], { internalDate: DATE });
  await bench.append('new', address, 'INBOX', ['left behind'], { internalDate: DATE });
  const id = await bench.store.transaction((tx) => requestRollback(tx, { accountId: account, actor: 'test', homeIsDead: true }));
  expect(await bench.drive(id, { platforms: bench.without('new') })).toMatchObject({ state: 'moved' });
  return account;
}

async function merge(account: number): Promise<void> {
  const { rows } = await sql<{ id: number }>`select id from move where account_id = ${account} and back = 'merging'`.execute(bench.store.db());
  await bench.drive(rows[0]!.id);
}

test('a mailbox that got another name at the home does not come back with all its mail', async () => {
  const address = 'renamed@example.org';
  const account = await abandoned(address);
  const client = await bench.client('old', address);
  await client.run('RENAME "Box" "Chest"');
  await client.logout();
  await merge(account);
  const merged = await bench.contents('old', address);
  // RENAME leaves the subscription with the name (RFC 3501 6.3.9).
  const all = Object.values(merged).flat().map((line) => line.split(' ')[0]);
  expect(await losses(bench.store, [account])).toMatchObject([{ mergedAt: expect.any(Date), mergedMessages: 2 }]);
  // One text was left behind in two mailboxes.
  expect(all.length - new Set(all).size).toBe(1);
  expect(Object.entries(merged).map(([name, { length }]) => `${name} ${length}`).sort()).toEqual(['Box  subscribed 1', 'Chest  5', 'INBOX  subscribed 3', 'Quiet  subscribed 1']);
});

test('a merge that never comes is given up by a person, and the account can be moved again, with what is still there', async () => {
  const address = 'given-up@example.org';
  const account = await abandoned(address);
  await expect(bench.request(account)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('still to be merged') });
  const giveUp = () => bench.store.transaction((tx) => giveUpMerge(tx, { accountId: account, actor: 'operator:test', why: 'the disks are gone' }));
  await giveUp();
  expect(await losses(bench.store, [account])).toMatchObject([{ mergedAt: null, givenUpAt: expect.any(Date), mergedMessages: 0 }]);
  await expect(giveUp()).rejects.toMatchObject({ code: 'not-found' });
  const { rows } = await sql<{ actor: string; why: string }>`
    select actor, why from audit where act = 'loss.given-up' and subject = ${`account:${account}`}`.execute(bench.store.db());
  expect(rows).toEqual([{ actor: 'operator:test', why: 'the disks are gone' }]);

  expect(await bench.drive(await bench.request(account))).toMatchObject({ state: 'moved', error: null });
  const there = await bench.contents('new', address);
  expect(there).toEqual(await bench.contents('old', address));
  expect(Object.entries(there).map(([name, { length }]) => `${name} ${length}`).sort()).toEqual(['Box  subscribed 6', 'INBOX  subscribed 3', 'Quiet  subscribed 1']);
});

test('what is subscribed at the home stays as customers set it there', async () => {
  const address = 'subscribed@example.org';
  const account = await abandoned(address);
  const there = await bench.client('new', address);
  await there.unsubscribe('Box');
  await there.logout();
  const client = await bench.client('old', address);
  await client.unsubscribe('Quiet');
  await client.logout();
  await merge(account);
  expect(Object.keys(await bench.contents('old', address)).sort()).toEqual(['Box  subscribed', 'INBOX  subscribed', 'Quiet ']);
});

test('a copy that the ledger does not know keeps the flags that it has at the home', async () => {
  const address = 'flags@example.org';
  const account = await abandoned(address);
  // As after a SIGKILL between the copy's OK and the ledger's commit: it is at the home.
  await bench.append('old', address, 'INBOX', ['left behind'], { internalDate: DATE });
  const client = await bench.client('old', address);
  await client.select('INBOX');
  await client.store('3', '+FLAGS', ['\\Seen', 'Work']);
  await client.logout();
  await merge(account);
  const inbox = (await bench.contents('old', address))['INBOX  subscribed']!;
  expect(inbox).toHaveLength(3);
  expect(inbox[2]).toMatch(/Work \\Seen$|\\Seen Work$/);
});
