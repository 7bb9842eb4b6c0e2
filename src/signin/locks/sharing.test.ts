import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { storeMigrations } from '#store/index.ts';
import { openTestStore, type TestStore } from '#store/testing.ts';
import { CEILING } from './ceiling.ts';
import { createExchange, type Exchange } from './exchange.ts';
import { lockMigrations } from './migrations.ts';
import { anAccount } from '../testing.ts';
import { type Bench, startBench } from './testing.ts';

let t: TestStore;
beforeAll(async () => {
  t = await openTestStore([...storeMigrations, ...lockMigrations]);
});
afterAll(() => t.close());
beforeEach(async () => void (await sql`truncate lock_batch`.execute(t.store.db())));

const KEY = Buffer.alloc(32, 3);

type Sharer = Bench & {
  /** Lets a round pass: what was counted is told, and what others told is heard. */
  round(): Promise<void>;
};

async function open(exchange: Exchange, key: Buffer = KEY): Promise<Sharer> {
  let under = 0;
  let ended = 0;
  const watched = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => async (...args: A): Promise<R> => {
    under += 1;
    try {
      return await call(...args);
    } finally {
      under -= 1;
      ended += 1;
    }
  };
  const bench = await startBench({ shared: { exchange: { publish: watched(exchange.publish), read: watched(exchange.read) }, key } });
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const idle = async (from: number): Promise<void> => {
    do await turn();
    while (under > 0 || ended <= from);
    await turn();
  };
  return {
    ...bench,
    async round() {
      await idle(0);
      const before = ended;
      await bench.clock.pass(1_000);
      await idle(before);
    },
  };
}

/** What has been written can be read: a long transaction of another test file's, in the same server, holds it back. */
async function settled(): Promise<void> {
  const { rows } = await sql<{ end: string }>`select pg_snapshot_xmax(pg_current_snapshot())::text as end`.execute(t.store.db());
  for (let isPast = false; !isPast; ) {
    const asked = await sql<{ is_past: boolean }>`select pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= ${rows[0]!.end}::bigint as is_past`.execute(t.store.db());
    isPast = asked.rows[0]!.is_past;
  }
}

async function exchangeNews(...sharers: Sharer[]): Promise<void> {
  for (const each of sharers) await each.round();
  await settled();
  for (const each of sharers) await each.round();
}

async function pair(keys: readonly [Buffer, Buffer] = [KEY, KEY]): Promise<[Sharer, Sharer]> {
  const [one, two] = await Promise.all(['one', 'two'].map((name, i) => open(createExchange(t.store, name), keys[i])));
  return [one!, two!];
}

/** Distinct wrong secrets, each from a network of its own, so that only the account's ceiling counts them. */
const strangers = (bench: Bench, from: number, n: number): number => {
  for (let i = from; i < from + n; i += 1) if (bench.guess(`guess ${i}`, { from: `198.51.${i >> 8}.${i & 255}` }) !== 'rejected') return i - from;
  return n;
};

test('100 distinct wrong secrets over both close the account to strangers at both, and to nobody who is known', async () => {
  const [one, two] = await pair();
  one.enter('right', { from: '192.0.2.1' });
  expect(strangers(one, 0, CEILING / 2)).toBe(CEILING / 2);
  // Repeats of what the other counted are no new ones.
  expect(strangers(two, 0, 10)).toBe(10);
  expect(strangers(two, CEILING / 2, CEILING / 2)).toBe(CEILING / 2);
  await exchangeNews(one, two);
  for (const bench of [one, two]) {
    expect(bench.guess('another', { from: '203.0.113.9' })).toBe('account');
    expect(bench.guess('right', { from: '192.0.2.1' })).toBe('rejected'); // checked, as ever
    expect(bench.locks.explain({ id: 1, credentialVersion: 1 })).toMatchObject({ distinct: CEILING });
  }
});

test('a success at one makes the network known at the other, and takes back what was counted of it at both', async () => {
  const [one, two] = await pair();
  const home = '192.0.2.7';
  expect(two.guesses(3, { from: home })).toBe(3);
  await exchangeNews(one, two);
  expect(one.locks.explain({ id: 1, credentialVersion: 1 })).toMatchObject({ distinct: 3 });
  one.enter('right', { from: home });
  await exchangeNews(one, two);
  for (const bench of [one, two]) {
    const { distinct, knownNetworks } = bench.locks.explain({ id: 1, credentialVersion: 1 });
    expect({ distinct, knownNetworks }).toEqual({ distinct: 0, knownNetworks: 1 });
    // A stale device there may go on for ever.
    expect(bench.guesses(200, { from: home, as: 'old' })).toBe(200);
  }
});

test('one network that tries an account at both is slowed down as at one', async () => {
  const [one, two] = await pair();
  expect(one.guesses(3, { as: 'a' })).toBe(3);
  expect(two.guesses(3, { as: 'b' })).toBe(3);
  await exchangeNews(one, two);
  expect([one.guess('c'), two.guess('c')]).toEqual(['pair', 'pair']);
});

test('what came before a change of the secret does not count after it', async () => {
  const [one, two] = await pair();
  expect(strangers(one, 0, 60)).toBe(60);
  const changed = anAccount(1, { credentialVersion: 2 });
  expect(two.guess('after', { account: changed, from: '203.0.113.1' })).toBe('rejected');
  await exchangeNews(one, two);
  expect(two.locks.explain({ id: 1, credentialVersion: 2 })).toMatchObject({ distinct: 1 });
});

test('with other keys each counts by itself, and that is said once', async () => {
  const [one, two] = await pair([KEY, Buffer.alloc(32, 4)]);
  strangers(one, 0, 10);
  await exchangeNews(one, two);
  strangers(one, 10, 10);
  await exchangeNews(one, two);
  expect(two.locks.explain({ id: 1, credentialVersion: 1 })).toMatchObject({ distinct: 0 });
  expect(two.events.filter(({ name }) => name === 'signin.locks-alone')).toEqual([{ name: 'signin.locks-alone', fields: { why: 'other-key' } }]);
});

test('a start hears what the others told within the hour', async () => {
  const [one] = await pair();
  strangers(one, 0, 40);
  await exchangeNews(one);
  const late = await open(createExchange(t.store, 'late'));
  await exchangeNews(late);
  expect(late.locks.explain({ id: 1, credentialVersion: 1 })).toMatchObject({ distinct: 40 });
});

test('with the store gone or hung it counts by itself, waits for nothing, and keeps a bounded list of news', async () => {
  let state: 'gone' | 'hung' | 'well' = 'gone';
  let told = 0;
  const answer = <T>(value: T): Promise<T> => {
    if (state === 'hung') return new Promise(() => {});
    return state === 'gone' ? Promise.reject(new CausewayError('unavailable', 'gone')) : Promise.resolve(value);
  };
  const exchange: Exchange = {
    publish: ({ notes }) => answer(undefined).then(() => void (told += (JSON.parse(notes) as unknown[]).length)),
    read: () => answer({ batches: [], more: false }),
  };
  const bench = await open(exchange);
  // 8,000 accounts with one wrong secret each, and each of another secret: nothing but news.
  for (let i = 0; i < 8_000; i += 1) {
    expect(bench.guess(`s${i}`, { from: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, account: anAccount(10 + i) })).toBe('rejected');
  }
  for (let round = 0; round < 5; round += 1) await bench.round();
  expect(bench.events.filter(({ name }) => name === 'signin.locks-late')).toHaveLength(1);
  state = 'well';
  await bench.round();
  expect(told).toBe(5_000);
  state = 'hung';
  await bench.clock.pass(1_000);
  expect(strangers(bench, 0, CEILING)).toBe(CEILING);
  expect(bench.guess('one more', { from: '203.0.113.9' })).toBe('account');
});
