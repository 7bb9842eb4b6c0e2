import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { followingBack } from './follow-back.ts';
import { openMove } from './read.ts';
import { requestMove } from './request.ts';
import { requestRollback } from './rollback.ts';
import { mail, openBench } from './testing.ts';
import type { Bench } from './testing.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const actor = 'test';
const rollback = (accountId: number) => bench.store.transaction((tx) => requestRollback(tx, { accountId, actor, why: 'the new platform is slow' }));

async function moved(address: string): Promise<number> {
  const account = await bench.account(address, {
    INBOX: Array.from({ length: 12 }, (_, n) => mail(`message ${n}`, { internalDateMs: 1_000_000_000_000 + n * 1_000 })),
    Gone: [mail('in a mailbox that is deleted')],
  });
  expect(await bench.drive(await bench.request(account))).toMatchObject({ state: 'moved' });
  return account;
}

/** The row that follows the account back. */
async function following(account: number): Promise<{ id: number; state: string; back: string; error: string | null; followed_at: Date | null }> {
  const { rows } = await sql<{ id: number; state: string; back: string; error: string | null; followed_at: Date | null }>`
    select id, state, back, error, followed_at from move where account_id = ${account} order by id desc limit 1`.execute(bench.store.db());
  return rows[0]!;
}

async function append(address: string, side: 'old' | 'new', mailbox: string, text: string): Promise<void> {
  const client = await bench.client(side, address);
  const bytes = mail(text).bytes!;
  await client.append(mailbox, { flags: ['\\Flagged'], internalDate: '', size: bytes.length }, (async function* () { yield bytes; })());
  await client.logout();
}

test('what comes to the new home is at the former one, too; what goes there stays until a rollback is asked for', async () => {
  const address = 'follow@example.org';
  const account = await moved(address);
  const before = await bench.contents('old', address);
  const client = await bench.client('new', address);
  await client.select('INBOX');
  await client.store('1:2', '+FLAGS', ['\\Seen']);
  await client.store('5', '+FLAGS', ['\\Deleted']);
  await client.expunge('5');
  await client.create('Fresh');
  await client.delete('Gone');
  await client.logout();
  await append(address, 'new', 'INBOX', 'came after the flip');
  await append(address, 'new', 'Fresh', 'in a new mailbox');

  const { id } = await following(account);
  await bench.drive(id, { most: 1 });
  const kept = await bench.contents('old', address);
  expect(Object.keys(kept).sort()).toEqual(['Fresh ', 'Gone  subscribed', 'INBOX  subscribed']);
  expect(kept['INBOX  subscribed']).toHaveLength(before['INBOX  subscribed']!.length + 1);
  expect(kept['INBOX  subscribed']!.filter((line) => line.endsWith('\\Seen'))).toHaveLength(2);
  expect(kept['Fresh ']).toHaveLength(1);
  expect(kept['Gone  subscribed']).toEqual(before['Gone  subscribed']);
  expect(await following(account)).toMatchObject({ state: 'following', back: 'following', error: null, followed_at: expect.any(Date) });
  expect(await followingBack(bench.store)).toContainEqual(expect.objectContaining({ accountId: account, from: 'new', to: 'old' }));
  // Nobody's move, and nothing to the route.
  expect(await openMove(bench.store, account)).toBeUndefined();
  expect(await bench.home(account)).toEqual({ home: 'new', phase: 'settled', epoch: 1 });

  expect(await rollback(account)).toBe(id);
  expect(await rollback(account)).toBe(id);
  expect(await bench.drive(id)).toMatchObject({ state: 'moved', source: 'new', target: 'old' });
  expect(await bench.home(account)).toEqual({ home: 'old', phase: 'settled', epoch: 2 });
  const after = await bench.contents('old', address);
  expect(after).toEqual(await bench.contents('new', address));
  // What had been followed was not copied again.
  expect(after['INBOX  subscribed']!.at(-1)).toBe(kept['INBOX  subscribed']!.at(-1));

  await expect(rollback(account)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('rolled back to old already') });
  expect(await bench.drive(await bench.request(account))).toMatchObject({ state: 'moved' });
  expect(await bench.contents('new', address)).toEqual(await bench.contents('old', address));
});

test('mail that came to the former home by another way stays there, and is no reason to look more often', async () => {
  const address = 'stray@example.org';
  const account = await moved(address);
  await append(address, 'old', 'INBOX', 'delivered past us');
  const { id } = await following(account);
  const due = async (): Promise<number> => {
    await bench.drive(id, { most: 1 });
    const { rows } = await sql<{ ms: number }>`select extract(epoch from next_at - now())::float * 1000 as ms from move where id = ${id}`.execute(bench.store.db());
    return rows[0]!.ms;
  };
  await due();
  await sql`update move set followed_at = followed_at - interval '1 minute' where id = ${id}`.execute(bench.store.db());
  expect(await due()).toBeGreaterThan(100_000);
  expect((await bench.contents('old', address))['INBOX  subscribed']).toHaveLength(13);
  // A rollback makes it what the home is, as a move does with any target.
  await bench.drive(await rollback(account));
  expect(await bench.contents('old', address)).toEqual(await bench.contents('new', address));
});

test('a new home that is away is tried again for as long as it takes, and loses nothing by it', async () => {
  const address = 'away@example.org';
  const account = await moved(address);
  await append(address, 'new', 'INBOX', 'before it went');
  const { id } = await following(account);
  const gone = bench.platforms();
  gone['new'] = { ...gone['new']!, imap: { ...gone['new']!.imap, port: 1 } };
  await bench.drive(id, { most: 20, platforms: gone });
  expect(await following(account)).toMatchObject({ state: 'copying', back: 'following', error: expect.any(String), followed_at: null });
  await bench.drive(id, { most: 1 });
  expect(await following(account)).toMatchObject({ state: 'following', error: null, followed_at: expect.any(Date) });
  expect((await bench.contents('old', address))['INBOX  subscribed']).toHaveLength(13);
});

test('a rollback that is asked for in the middle of a round begins right after it', async () => {
  const address = 'asked@example.org';
  const account = await moved(address);
  const { id } = await following(account);
  await sql`update move set next_at = now() where id = ${id}`.execute(bench.store.db());
  const claim = (await bench.claims().claim(id))!;
  await rollback(account);
  await claim.release({ nextInMs: 600_000.5 });
  const { rows } = await sql<{ due: boolean }>`select next_at <= now() as due from move where id = ${id}`.execute(bench.store.db());
  expect(rows).toEqual([{ due: true }]);
  expect(await bench.drive(id)).toMatchObject({ state: 'moved' });
  expect(await bench.home(account)).toMatchObject({ home: 'old' });
});

test('a move to where it is followed is that rollback; a move elsewhere ends the following, and so does the window', async () => {
  const account = await moved('there@example.org');
  const { id } = await following(account);
  const request = (target: string) => bench.store.transaction((tx) => requestMove(tx, { accountId: account, source: 'new', target }));
  expect(await request('old')).toBe(id);
  expect(await following(account)).toMatchObject({ id, back: 'asked' });

  const other = await moved('elsewhere@example.org');
  const followed = await following(other);
  const elsewhere = await bench.store.transaction((tx) => requestMove(tx, { accountId: other, source: 'new', target: 'third' }));
  expect(elsewhere).not.toBe(followed.id);
  const { rows } = await sql<{ state: string }>`select state from move where id = ${followed.id}`.execute(bench.store.db());
  expect(rows).toEqual([{ state: 'cancelled' }]);

  const late = await moved('late@example.org');
  const over = await following(late);
  await sql`update move set back_until = now() - interval '1 second' where id = ${over.id}`.execute(bench.store.db());
  expect(await bench.drive(over.id)).toMatchObject({ state: 'cancelled' });
  // The ledger is still there: a rollback only takes longer to begin.
  const back = await rollback(late);
  expect(back).not.toBe(over.id);
  expect(await bench.drive(back)).toMatchObject({ state: 'moved' });
  expect(await bench.home(late)).toMatchObject({ home: 'old' });
});

test('an account that was never moved has no way back', async () => {
  const account = await bench.account('stayed@example.org', { INBOX: [] });
  await expect(rollback(account)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('never moved') });
  await expect(rollback(999_999)).rejects.toMatchObject({ code: 'not-found' });
});

test('a move that is given back is due when it was said, to the fraction of a millisecond', async () => {
  const account = await bench.account('due@example.org', { INBOX: [] });
  const id = await bench.request(account);
  const claim = (await bench.claims().claim(id))!;
  await claim.release({ nextInMs: 12_345.678 });
  const { rows } = await sql<{ ms: number }>`select extract(epoch from next_at - now())::float * 1000 as ms from move where id = ${id}`.execute(bench.store.db());
  expect(rows[0]!.ms).toBeGreaterThan(11_000);
  expect(rows[0]!.ms).toBeLessThanOrEqual(12_346);
});
