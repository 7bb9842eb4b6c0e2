import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordChange } from './change.ts';
import { createFeed } from './feed.ts';
import { storeMigrations } from './migrations.ts';
import { prune } from './prune.ts';
import { openTestStore } from './testing.ts';
import type { TestStore } from './testing.ts';

let t: TestStore;
beforeAll(async () => {
  t = await openTestStore(storeMigrations, { poolSize: 9 });
});
afterAll(() => t.close());

test('no change is missed when transactions commit in another order than they began', async () => {
  const seen = new Set<number>();
  let resets = 0;
  const feed = createFeed(t.store, {
    topics: ['account'],
    onReset: async () => void resets++,
    onChanges: async (changes) => {
      for (const { topic, key } of changes) {
        expect(topic).toBe('account');
        seen.add(key);
      }
    },
  });
  await expect.poll(() => feed.freshAt()).toBeDefined();

  const committed: number[] = [];
  const writer = async (number: number): Promise<void> => {
    for (let round = 0; round < 30; round++) {
      const key = number * 1_000 + round;
      await t.store.transaction(async (tx) => {
        await recordChange(tx, 'account', key);
        await recordChange(tx, 'other', key);
        await sql`select pg_sleep(${Math.random() * 0.008})`.execute(tx.db());
      });
      committed.push(key);
    }
  };
  await Promise.all(Array.from({ length: 6 }, (_, number) => writer(number)));
  const end = t.store.clock.monotonic();
  await expect.poll(() => feed.freshAt(), { interval: 5 }).toBeGreaterThan(end);
  expect([...seen].sort((a, b) => a - b)).toEqual(committed.sort((a, b) => a - b));
  expect(resets).toBe(1);
  await feed.stop();
});

test('a change waits for an older transaction, and comes within moments of its end', async () => {
  const seen: number[] = [];
  let pauses: number[] = [];
  let pausesBefore: number[] = [];
  const clock = { ...t.store.clock, sleep: (ms: number, signal?: AbortSignal) => (pauses.push(ms), t.store.clock.sleep(ms, signal)) };
  const feed = createFeed({ ...t.store, clock }, {
    onChanges: async (changes) => {
      pausesBefore = [...pauses];
      seen.push(...changes.map(({ key }) => key));
    },
  });
  await expect.poll(() => feed.freshAt()).toBeDefined();
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  let begun: () => void = () => {};
  const isHeld = new Promise<void>((resolve) => (begun = resolve));
  const elder = t.store.transaction(async (tx) => {
    await recordChange(tx, 'a', 1);
    begun();
    await held;
  });
  await isHeld;
  await t.store.transaction((tx) => recordChange(tx, 'a', 2));
  const committed = t.store.clock.monotonic();
  pauses = [];
  // A read that began before the commit still knows of nothing that waits; from here on each does.
  await expect.poll(() => pauses.some((ms) => ms <= 160), { interval: 5 }).toBe(true);
  pauses = [];
  await sleep(60);
  expect(seen).toEqual([]);
  // What waits is known to be missing: the feed does not call itself fresh.
  expect(feed.freshAt()).toBeLessThan(committed);
  release();
  await elder;
  await expect.poll(() => seen, { interval: 5 }).toEqual([1, 2]);
  // It looked more often than one that is idle.
  expect(pausesBefore.filter((ms) => ms > 160)).toEqual([]);
  await feed.stop();
});

test('changes come again when onChanges failed, each key once, more than a batch of them', async () => {
  const seen = new Set<number>();
  let failures = 2;
  let calls = 0;
  const feed = createFeed(t.store, {
    onChanges: async (changes) => {
      if (failures-- > 0) throw new Error('not now');
      calls++;
      for (const { key } of changes) seen.add(key);
    },
  });
  await expect.poll(() => feed.freshAt()).toBeDefined();
  await t.store.transaction(async (tx) => {
    await sql`insert into change (topic, key) select 'a', n from generate_series(1, 2500) n`.execute(tx.db());
    await recordChange(tx, 'a', 1);
  });
  await expect.poll(() => seen.size, { interval: 10 }).toBe(2_500);
  expect(calls).toBe(3);
  await feed.stop();
});

test('old changes and figures are dropped, younger ones stay', async () => {
  await sql`truncate change`.execute(t.store.db());
  await sql`insert into change (topic, key, at) select 'a', n, now() - make_interval(hours => n) from generate_series(20, 30) n`.execute(t.store.db());
  await prune(t.store);
  const { rows } = await sql<{ n: number }>`select count(*) as n from change`.execute(t.store.db());
  expect(rows).toEqual([{ n: 4 }]);
});
