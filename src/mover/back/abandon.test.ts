import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { losses } from './merge.ts';
import { requestMove } from '../request.ts';
import { requestRollback } from './rollback.ts';
import { mail, openBench } from '../testing.ts';
import type { Bench } from '../testing.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

async function lastRow(account: number): Promise<{ id: number; back: string | null; state: string; error: string | null }> {
  const { rows } = await sql<{ id: number; back: string | null; state: string; error: string | null }>`
    select id, back, state, error from move where account_id = ${account} order by id desc limit 1`.execute(bench.store.db());
  return rows[0]!;
}

const size = (contents: Record<string, string[]>, mailbox: string): number => contents[`${mailbox}  subscribed`]!.length;

test('from a dead home an account goes back to where it was followed; what was left behind is merged when it can be read', async () => {
  const address = 'dead@example.org';
  const account = await bench.account(address, {
    INBOX: Array.from({ length: 10 }, (_, n) => mail(`message ${n}`, { internalDateMs: 1_000_000_000_000 + n * 1_000 })),
  });
  expect(await bench.drive(await bench.request(account))).toMatchObject({ state: 'moved' });
  await bench.append('new', address, 'INBOX', ['followed one', 'followed two']);
  await bench.drive((await lastRow(account)).id, { most: 1 });
  const followed = await bench.contents('old', address);
  expect(size(followed, 'INBOX')).toBe(12);
  await bench.append('new', address, 'INBOX', ['left behind one', 'left behind two', 'left behind two']);
  const client = await bench.client('new', address);
  await client.create('Later');
  await client.logout();
  await bench.append('new', address, 'Later', ['left behind in a new mailbox']);

  const { rows: [before] } = await sql<{ followed_at: Date }>`select followed_at from move where id = ${(await lastRow(account)).id}`.execute(bench.store.db());
  const id = await bench.store.transaction((tx) => requestRollback(tx, { accountId: account, actor: 'test', homeIsDead: true }));
  expect(await bench.drive(id, { platforms: bench.without('new') })).toMatchObject({ state: 'moved', source: 'new', target: 'old' });
  expect(await bench.home(account)).toEqual({ home: 'old', phase: 'settled', epoch: 2 });
  expect(await bench.contents('old', address)).toEqual(followed);
  expect(await losses(bench.store, [account])).toMatchObject([{ address, platform: 'new', followedAt: before!.followed_at, mergedAt: null, mergedMessages: 0 }]);

  // Customers are at work at the home meanwhile.
  const atHome = await bench.client('old', address);
  await atHome.select('INBOX');
  await atHome.store('1:2', '+FLAGS', ['\\Seen', 'Work']);
  await atHome.store('5,11', '+FLAGS', ['\\Deleted']);
  await atHome.run('EXPUNGE');
  await atHome.logout();
  await bench.append('old', address, 'INBOX', ['came home']);
  const home = await bench.contents('old', address);

  const merging = await lastRow(account);
  expect(merging).toMatchObject({ back: 'merging', state: 'queued' });
  await bench.drive(merging.id, { platforms: bench.without('new'), most: 3 });
  expect(await losses(bench.store, [account])).toMatchObject([{ mergedAt: null, error: expect.any(String) }]);
  await expect(bench.request(account)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('still to be merged') });
  expect(await bench.contents('old', address)).toEqual(home);

  await bench.drive(merging.id);
  expect(await losses(bench.store, [account])).toMatchObject([{ mergedAt: expect.any(Date), mergedMessages: 4 }]);
  const merged = await bench.contents('old', address);
  // All that was there stands as it was, in its order; behind it what was left behind, and nothing else.
  expect(merged['INBOX  subscribed']!.slice(0, size(home, 'INBOX'))).toEqual(home['INBOX  subscribed']);
  expect(size(merged, 'INBOX')).toBe(size(home, 'INBOX') + 3);
  expect(merged['Later ']).toHaveLength(1);
  const there = await bench.contents('new', address);
  expect(merged['INBOX  subscribed']!.slice(-3)).toEqual(there['INBOX  subscribed']!.slice(-3));
  expect(merged['Later ']).toEqual(there['Later ']);

  const again = await bench.store.transaction((tx) => requestMove(tx, { accountId: account, source: 'old', target: 'new' }));
  expect(await bench.drive(again)).toMatchObject({ state: 'moved' });
  expect(await bench.home(account)).toMatchObject({ home: 'new' });
  const [one, other] = [await bench.contents('new', address), await bench.contents('old', address)];
  expect(sorted(one)).toEqual(sorted(other));
});

test('a merge that is broken off at any point doubles nothing', async () => {
  const address = 'broken@example.org';
  const account = await bench.account(address, { INBOX: [mail('one')] });
  expect(await bench.drive(await bench.request(account))).toMatchObject({ state: 'moved' });
  await bench.append('new', address, 'INBOX', Array.from({ length: 40 }, (_, n) => `left behind ${n}`));
  const id = await bench.store.transaction((tx) => requestRollback(tx, { accountId: account, actor: 'test', homeIsDead: true }));
  expect(await bench.drive(id, { platforms: bench.without('new') })).toMatchObject({ state: 'moved' });
  const merging = await lastRow(account);
  // A UIDVALIDITY of the home's that the dead platform once had: no reason to make the home's mailbox anew.
  const client = await bench.client('old', address);
  const { uidValidity } = await client.examine('INBOX');
  await client.logout();
  await sql`insert into uidvalidity_seen values (${account}, 'new', 'INBOX', ${uidValidity})`.execute(bench.store.db());
  await bench.drive(merging.id);
  // As after a SIGKILL between the copies' OK and the ledger's commit.
  await sql`delete from ledger where account_id = ${account} and source = 'new' and source_uid % 2 = 0`.execute(bench.store.db());
  await sql`update move set state = 'copying', ended_at = null where id = ${merging.id}`.execute(bench.store.db());
  await bench.drive(merging.id);
  expect(await bench.contents('old', address)).toEqual(await bench.contents('new', address));
});

test('a rollback that waits for a home that has died goes on without it', async () => {
  const address = 'waits@example.org';
  const account = await bench.account(address, { INBOX: [mail('one')] });
  expect(await bench.drive(await bench.request(account))).toMatchObject({ state: 'moved' });
  const ask = (homeIsDead: boolean) => bench.store.transaction((tx) => requestRollback(tx, { accountId: account, actor: 'test', homeIsDead }));
  const id = await ask(false);
  expect(await bench.drive(id, { platforms: bench.without('new'), most: 1 })).toMatchObject({ state: 'copying', error: expect.any(String) });
  expect(await ask(true)).toBe(id);
  expect(await bench.drive(id, { platforms: bench.without('new') })).toMatchObject({ state: 'moved' });
  expect(await bench.home(account)).toMatchObject({ home: 'old', phase: 'settled' });
});

function sorted(contents: Record<string, string[]>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(contents).map(([name, messages]) => [name, [...messages].sort()]));
}
