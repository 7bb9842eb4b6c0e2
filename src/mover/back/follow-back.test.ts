import { connect, createServer } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { followingBack, followingLag, isWholeDue } from './follow-back.ts';
import type { Vice } from '#practice/index.ts';
import { openMove } from '../read.ts';
import { requestMove } from '../request.ts';
import { previewRollback, requestRollback } from './rollback.ts';
import { mail, openBench } from '../testing.ts';
import type { Bench } from '../testing.ts';

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

const FLAGGED = { flags: ['\\Flagged'] };

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
  await bench.append('new', address, 'INBOX', ['came after the flip'], FLAGGED);
  await bench.append('new', address, 'Fresh', ['in a new mailbox'], FLAGGED);

  const { id } = await following(account);
  await bench.drive(id, { most: 1 });
  const kept = await bench.contents('old', address);
  expect(Object.keys(kept).sort()).toEqual(['Fresh ', 'Gone  subscribed', 'INBOX  subscribed']);
  expect(kept['INBOX  subscribed']).toHaveLength(before['INBOX  subscribed']!.length + 1);
  expect(kept['INBOX  subscribed']!.filter((line) => line.endsWith('\\Seen'))).toHaveLength(2);
  expect(kept['Fresh ']).toHaveLength(1);
  expect(kept['Gone  subscribed']).toEqual(before['Gone  subscribed']);
  expect(await following(account)).toMatchObject({ state: 'following', back: 'following', error: null, followed_at: expect.any(Date) });
  expect(await followingBack(bench.store, [account])).toMatchObject([{ address, from: 'new', to: 'old', followedAt: expect.any(Date), error: null }]);
  expect(await followingLag(bench.store, { source: 'old', target: 'new' })).toBeLessThan(60);
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

test('mail that came to the former home by another way stays there, is no reason to look more often, and is at the home before a rollback ends', async () => {
  const address = 'stray@example.org';
  const account = await moved(address);
  await bench.append('old', address, 'INBOX', ['delivered past us'], FLAGGED);
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
  // Into mailboxes, too, that the home does not have any more, or never had. What the customer deleted there goes.
  const atOld = await bench.client('old', address);
  await atOld.create('Past us');
  await atOld.logout();
  await bench.append('old', address, 'Past us', ['filed past us']);
  await bench.append('old', address, 'Gone', ['delivered past us, too']);
  const atNew = await bench.client('new', address);
  await atNew.delete('Gone');
  await atNew.select('INBOX');
  await atNew.store('1:3', '+FLAGS', ['\\Deleted']);
  await atNew.expunge('1:3');
  await atNew.logout();
  expect(await bench.drive(await rollback(account))).toMatchObject({ state: 'moved', error: null });
  const back = await bench.contents('old', address);
  expect(back).toEqual(await bench.contents('new', address));
  expect(Object.entries(back).map(([name, { length }]) => `${name.trim()} ${length}`).sort()).toEqual(['Gone  subscribed 1', 'INBOX  subscribed 10', 'Past us 1']);
  expect(back['INBOX  subscribed']!.filter((line) => line.endsWith('\\Flagged'))).toHaveLength(1);
});

test('a message that is moved, in the middle of a pass, to where the pass had been is not said to be followed before it is', async () => {
  const address = 'passing@example.org';
  const account = await moved(address);
  const client = await bench.client('new', address);
  await client.create('Other');
  const { id } = await following(account);
  await bench.drive(id, { most: 1 });
  const mailboxes = ['INBOX', 'Gone', 'Other'];
  for (const mailbox of mailboxes) await bench.append('new', address, mailbox, [`came to ${mailbox}`], FLAGGED);
  await sql`update mailbox_pair set standing = null where move_id = ${id}`.execute(bench.store.db());
  // The last that is looked into: what is moved out of it then is not in the first any more.
  const examined: string[] = [];
  const platforms = bench.platforms();
  const { port } = platforms['new']!.imap;
  const relay = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port });
    far.pipe(near);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    let turn = Promise.resolve();
    near.on('data', (chunk: Buffer) => {
      const [, name] = /EXAMINE "?(INBOX|Gone|Other)/.exec(chunk.toString('latin1')) ?? [];
      turn = turn.then(async () => {
        if (name !== undefined) examined.push(name);
        if (name !== undefined && examined.length === 3) await carryAway(name);
        far.write(chunk);
      });
    });
    near.on('end', () => void turn.then(() => far.end()));
  });
  await new Promise<void>((resolve) => void relay.listen(0, '127.0.0.1', resolve));
  async function carryAway(last: string): Promise<void> {
    await client.select(last);
    await client.run(`UID COPY * "${examined[0]}"`);
    await client.store('*', '+FLAGS', ['\\Deleted']);
    await client.run('EXPUNGE');
  }
  try {
    const probe = { ...platforms, new: { ...platforms['new']!, imap: { ...platforms['new']!.imap, port: (relay.address() as { port: number }).port } } };
    await bench.drive(id, { most: 1, platforms: probe });
  } finally {
    relay.close();
    await client.logout();
  }
  expect(new Set(examined.slice(0, 3))).toEqual(new Set(mailboxes));
  expect(await following(account)).toMatchObject({ error: null, followed_at: expect.any(Date) });
  const flagged = Object.values(await bench.contents('old', address)).flat().filter((line) => line.endsWith('\\Flagged'));
  expect(flagged).toHaveLength(3);
});

test('a new home that is away is tried again for as long as it takes, and loses nothing by it', async () => {
  const address = 'away@example.org';
  const account = await moved(address);
  await bench.append('new', address, 'INBOX', ['before it went'], FLAGGED);
  const { id } = await following(account);
  await bench.drive(id, { most: 20, platforms: bench.without('new') });
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

test('what a rollback would do is told, and nothing is changed by it', async () => {
  const account = await moved('preview@example.org');
  const { id } = await following(account);
  await bench.drive(id, { most: 1 });
  const before = await following(account);
  expect(await previewRollback(bench.store, [account])).toMatchObject([{ address: 'preview@example.org', from: 'new', to: 'old', followedAt: before.followed_at, lagSeconds: expect.any(Number) }]);
  expect(await following(account)).toEqual(before);
  await sql`update move set back_until = now() - interval '1 second' where id = ${id}`.execute(bench.store.db());
  await bench.drive(id);
  expect(await previewRollback(bench.store, [account])).toMatchObject([{ from: 'new', to: 'old', followedAt: null, lagSeconds: null }]);
  const stayed = await bench.account('no-preview@example.org', { INBOX: [] });
  await expect(previewRollback(bench.store, [account, stayed])).rejects.toMatchObject({ code: 'conflict' });
});

test('the former home is kept current for as long as the configuration says', async () => {
  const account = await bench.account('window@example.org', { INBOX: [mail('one')] });
  expect(await bench.drive(await bench.request(account), { windowDays: 3 })).toMatchObject({ state: 'moved' });
  const { rows } = await sql<{ days: number }>`
    select extract(epoch from back_until - now())::float / 86400 as days from move where account_id = ${account} and back = 'following'`.execute(bench.store.db());
  expect(rows[0]!.days).toBeCloseTo(3, 2);
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
  const { rows: begun } = await sql<{ at: string }>`select clock_timestamp()::text as at`.execute(bench.store.db());
  await claim.release({ nextInMs: 12_345.678 });
  const { rows } = await sql<{ most: boolean; least: boolean }>`
    select next_at <= clock_timestamp() + 12345.678 * interval '1 millisecond' as most, next_at >= ${begun[0]!.at}::timestamptz + 12345.678 * interval '1 millisecond' as least from move where id = ${id}`.execute(bench.store.db());
  expect(rows).toEqual([{ most: true, least: true }]);
});

test('a home whose mod-sequences do not tell is found out within a day', async () => {
  const vices = new Set<Vice>();
  const heard: string[] = [];
  const lying = await openBench({ old: { condstore: true }, new: { condstore: true, vices }, emit: (event) => void heard.push(event.name) });
  try {
    const address = 'lying@example.org';
    const account = await lying.account(address, { INBOX: Array.from({ length: 5 }, (_, n) => mail(`message ${n}`)) });
    expect(await lying.drive(await lying.request(account))).toMatchObject({ state: 'moved' });
    const { rows } = await sql<{ id: number }>`select id from move where account_id = ${account} order by id desc limit 1`.execute(lying.store.db());
    const { id } = rows[0]!;
    const round = () => lying.drive(id, { most: 1 });
    await round();
    vices.add('hides-flag-changes');
    const client = await lying.client('new', address);
    await client.select('INBOX');
    await client.store('2', '+FLAGS', ['\\Flagged']);
    await client.logout();
    await round();
    const flagged = async (): Promise<number> => Object.values(await lying.contents('old', address)).flat().filter((line) => line.includes('\\Flagged')).length;
    expect([await flagged(), heard]).toEqual([0, expect.not.arrayContaining(['mover.mod-seq-untrue'])]);
    await sql`update move set followed_at = followed_at - interval '1 day' where id = ${id}`.execute(lying.store.db());
    await round();
    expect([await flagged(), heard]).toEqual([1, expect.arrayContaining(['mover.mod-seq-untrue'])]);
  } finally {
    await lying.close();
  }
});

test('whole lists are read once a day, at an hour of the account\'s own, and not before all was followed once', () => {
  const hour = 3_600_000;
  const hoursOf = (accountId: number): number[] => {
    let followed = 0;
    return Array.from({ length: 72 }, (_, n) => n * hour).filter((now) => {
      const due = isWholeDue({ account_id: accountId, followed_at: new Date(followed) }, now);
      followed = now;
      return due;
    }).map((now) => now / hour);
  };
  expect(hoursOf(24)).toEqual([24, 48]);
  expect(hoursOf(7)).toEqual([7, 31, 55]);
  expect(isWholeDue({ account_id: 1, followed_at: null }, 1e12)).toBe(false);
});

test('a rollback that goes on is not taken for another one: with messages to be left out it is refused, and goes on', async () => {
  const account = await moved('again@example.org');
  const id = await rollback(account);
  const without = { classes: ['too-big' as const], messages: [] };
  await expect(bench.store.transaction((tx) => requestRollback(tx, { accountId: account, actor, without }))).rejects.toMatchObject({ code: 'conflict' });
  expect(await rollback(account)).toBe(id);
  expect(await bench.drive(id)).toMatchObject({ state: 'moved', target: 'old' });
});
