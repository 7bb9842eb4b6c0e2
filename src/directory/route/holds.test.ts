import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock as clock } from '#events/clock.ts';
import type { Clock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import { CausewayError } from '#errors/index.ts';
import { createManualClock } from '#events/manual-clock.testing.ts';
import type { Store, Tx } from '#store/index.ts';
import type { TestStore } from '#store/testing.ts';
import { createLocalFile } from '../local-file.ts';
import type { LocalFile } from '../local-file.ts';
import { openMirror } from '../mirror.ts';
import type { Mirror } from '../mirror.ts';
import { addAccount, createBreakable, follow, haveTime, hold, openDirectoryStore, until } from '../testing.ts';
import { holdState, readRoute } from './acknowledgements.ts';
import { createHolds } from './holds.ts';
import type { Holds, Participant } from './holds.ts';
import { evictInstance } from './instances.ts';
import { askCut as askCutSoon, backOut, beginHold, flip, settle } from './phases.ts';
import type { Route } from './route.ts';

let t: TestStore;
let store: Store;
let folder: string;
let open: { close(): Promise<void> }[];

beforeAll(async () => {
  t = await openDirectoryStore();
  ({ store } = t);
});
afterAll(() => t.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'causeway-holds-'));
  open = [];
});
afterEach(async () => {
  for (const part of open) await part.close();
  await sql`delete from instance`.execute(store.db());
  await sql`update route set phase = 'following', stage = null, hold_deadline = null, round_deadline = null where phase = 'held'`.execute(store.db());
});

type Fake = Participant & { calls: string[]; freezing: () => Promise<'quiet' | 'busy'>; cutting: () => Promise<void> };

const createFake = (): Fake => {
  const fake: Fake = {
    calls: [],
    freezing: async () => 'quiet',
    cutting: async () => {},
    freeze(accountId, epoch, deadlineMs) {
      fake.calls.push(`freeze ${accountId} ${epoch} ${deadlineMs}`);
      return fake.freezing();
    },
    cut(accountId) {
      fake.calls.push(`cut ${accountId}`);
      return fake.cutting();
    },
    thaw: (accountId) => void fake.calls.push(`thaw ${accountId}`),
  };
  return fake;
};

type Instance = { mirror: Mirror; holds: Holds; fake: Fake; store: Store & { gone: boolean }; kill(): Promise<void> };

const start = async (name = 'mx1', options: { gone?: boolean; file?: LocalFile; holdClock?: Clock } = {}): Promise<Instance> => {
  const own = createBreakable(store);
  own.gone = options.gone ?? false;
  const fake = createFake();
  const file = options.file ?? createLocalFile(join(folder, `${name}.jsonl`));
  const mirror = await openMirror({ store: own, instance: name, file, clock, emit: silent });
  const holds = createHolds({ store: own, mirror, participants: [fake], clock: options.holdClock ?? clock, emit: silent });
  const kill = async (): Promise<void> => {
    await holds.close();
    await mirror.close();
  };
  open.push({ close: kill });
  return { mirror, holds, fake, store: own, kill };
};

/** The cut's round too has time. */
const askCut = async (tx: Tx, id: number, epoch: number): Promise<boolean> => {
  const asked = await askCutSoon(tx, id, epoch);
  if (asked) await haveTime(tx, id);
  return asked;
};
const state = (id: number, epoch: number) => holdState(store, id, epoch);
const ready = (id: number, epoch: number, stage: string): Promise<void> =>
  until(async () => {
    const now = await state(id, epoch);
    return now?.stage === stage && now.quiet === now.listed;
  }, `${stage} of ${id} acknowledged by all`);
const unavailable = expect.objectContaining({ code: 'unavailable' });

test('two instances freeze, cut, and let those who wait go on to the new home', async () => {
  const [one, two] = [await start('mx1'), await start('mx2')];
  const id = await addAccount(store);
  const epoch = await hold(store, id, await follow(store, id));
  await ready(id, epoch, 'freeze');
  expect(one.fake.calls).toEqual([`freeze ${id} ${epoch} 2000`]);
  expect(one.holds.homeNow(id)).toBeUndefined();
  let registered: Route | undefined;
  const waiting = one.holds.home(id, { register: (route) => (registered = route) });
  await clock.sleep(20);
  expect([registered, one.holds.waiting()]).toEqual([undefined, 1]);

  expect(await store.transaction((tx) => askCut(tx, id, epoch))).toBe(true);
  await ready(id, epoch, 'cut');
  expect(await store.transaction((tx) => flip(tx, id, epoch, 'new'))).toBe(true);
  expect(await waiting).toMatchObject({ home: 'new', phase: 'settled' });
  expect(registered?.home).toBe('new');
  await until(() => two.holds.homeNow(id)?.home === 'new');
  for (const { fake } of [one, two]) expect(fake.calls).toEqual([`freeze ${id} ${epoch} 2000`, `cut ${id}`, `thaw ${id}`]);
  expect(one.holds.waiting()).toBe(0);
});

test('somebody busy is acknowledged as that, and thawed when the store says so', async () => {
  const one = await start();
  const id = await addAccount(store);
  one.fake.freezing = async () => 'busy';
  const epoch = await hold(store, id, await follow(store, id));
  await until(async () => (await state(id, epoch))?.busy === 1);
  expect(await store.transaction((tx) => askCut(tx, id, epoch))).toBe(false);
  expect(one.fake.calls).toHaveLength(1);
  await store.transaction((tx) => backOut(tx, id, epoch));
  expect(await one.holds.home(id)).toMatchObject({ home: 'old', phase: 'following' });
  expect(one.fake.calls.at(-1)).toBe(`thaw ${id}`);
});

test('a freeze that fails is busy, and a cut that fails is never acknowledged', async () => {
  const one = await start();
  const [first, second] = [await addAccount(store), await addAccount(store)];
  one.fake.freezing = async () => {
    throw new Error('the worker is gone');
  };
  const epoch = await hold(store, first, await follow(store, first));
  await until(async () => (await state(first, epoch))?.busy === 1);

  one.fake.freezing = async () => 'quiet';
  one.fake.cutting = async () => {
    throw new Error('the worker is gone');
  };
  const other = await hold(store, second, await follow(store, second));
  await ready(second, other, 'freeze');
  await store.transaction((tx) => askCut(tx, second, other));
  await until(() => one.fake.calls.includes(`cut ${second}`));
  await clock.sleep(50);
  expect(await state(second, other)).toMatchObject({ stage: 'cut', answered: 0, missing: ['mx1'] });
  expect(await store.transaction((tx) => flip(tx, second, other, 'new'))).toBe(false);
});

test('a silent instance cancels the hold, and nobody is held longer', async () => {
  const one = await start('mx1');
  const two = await start('mx2');
  await two.kill(); // as by SIGKILL: it stays on the list
  const id = await addAccount(store);
  const began = performance.now();
  const from = await follow(store, id);
  const epoch = (await store.transaction((tx) => beginHold(tx, id, from)))!;
  await until(() => one.mirror.route(id)?.phase === 'held');
  const route = await one.holds.home(id);
  expect(route).toMatchObject({ home: 'old', phase: 'following', epoch });
  expect(performance.now() - began).toBeGreaterThan(2_400);
  expect(await readRoute(store, id)).toMatchObject({ phase: 'following' });
});

test('an instance whose disk takes nothing withholds its answer, and serves everybody else', async () => {
  const real = createLocalFile(join(folder, 'mx1.jsonl'));
  let full = false;
  let refused = 0;
  const file: LocalFile = {
    ...real,
    async append(line) {
      if (full) {
        refused += 1;
        throw new CausewayError('unavailable', 'no space left on device');
      }
      await real.append(line);
    },
  };
  const one = await start('mx1', { file });
  const [id, other] = [await addAccount(store), await addAccount(store)];
  const epoch = await hold(store, id, await follow(store, id).finally(() => (full = true)));
  await until(() => one.fake.calls.length > 0 && refused > 0);
  await clock.sleep(100);
  expect(await state(id, epoch)).toMatchObject({ answered: 0 });
  expect(await one.holds.home(other)).toMatchObject({ home: 'old' });
  // Room again, within the round's time: the answer is given.
  full = false;
  await ready(id, epoch, 'freeze');
});

test('a participant that never answers is busy when the time for it is over', async () => {
  const holdClock = createManualClock(0);
  const one = await start('mx1', { holdClock });
  const id = await addAccount(store);
  one.fake.freezing = () => new Promise(() => {});
  const epoch = await hold(store, id, await follow(store, id));
  await until(() => one.fake.calls.length > 0);
  await holdClock.pass(2_000);
  expect(await state(id, epoch)).toMatchObject({ answered: 0 });
  await holdClock.pass(150);
  await until(async () => (await state(id, epoch))?.busy === 1);
});

describe('without the store', () => {
  test('a held account stays held, others are served; who waits is told unavailable; the outcome is heard later', async () => {
    const holdClock = createManualClock(0);
    const one = await start('mx1', { holdClock });
    const [id, other] = [await addAccount(store), await addAccount(store)];
    const epoch = await hold(store, id, await follow(store, id));
    await ready(id, epoch, 'freeze');
    await store.transaction((tx) => askCut(tx, id, epoch));
    await ready(id, epoch, 'cut');
    one.store.gone = true;
    const waiting = one.holds.home(id);
    const outcome = expect(waiting).rejects.toThrow(unavailable);
    await holdClock.pass(9_999);
    expect(one.holds.waiting()).toBe(1);
    await holdClock.pass(1);
    await outcome;
    // Long after the deadline, by any clock of ours: only the store's word counts, and the flip did happen.
    await store.transaction((tx) => flip(tx, id, epoch, 'new'));
    await holdClock.pass(3_600_000);
    expect(one.holds.homeNow(id)).toBeUndefined();
    expect(await one.holds.home(other)).toMatchObject({ home: 'old' });
    one.store.gone = false;
    await until(() => one.holds.homeNow(id)?.home === 'new');
  });

  test('killed after its answer and started again from its file, it serves the account from neither home', async () => {
    const one = await start();
    const id = await addAccount(store);
    const epoch = await hold(store, id, await follow(store, id));
    await ready(id, epoch, 'freeze');
    await store.transaction((tx) => askCut(tx, id, epoch));
    await ready(id, epoch, 'cut');
    await one.kill();
    const again = await start('mx1', { gone: true });
    expect(again.holds.homeNow(id)).toBeUndefined();
    await expect(again.holds.home(id, { waitMs: 20 })).rejects.toThrow(unavailable);
    await store.transaction((tx) => flip(tx, id, epoch, 'new'));
    again.store.gone = false;
    await until(() => again.holds.homeNow(id)?.home === 'new');
  });

  test('killed before it could answer and started again, it answers in the hold that it finds', async () => {
    const one = await start();
    const id = await addAccount(store);
    one.fake.freezing = () => new Promise(() => {});
    const epoch = await hold(store, id, await follow(store, id));
    await until(() => one.fake.calls.length > 0);
    await one.mirror.sync();
    await one.kill();
    // From its file, the store being away for a moment.
    const again = await start('mx1', { gone: true });
    expect(again.fake.calls).toEqual([`freeze ${id} ${epoch} 2000`]);
    again.store.gone = false;
    await ready(id, epoch, 'freeze');
    expect(await store.transaction((tx) => askCut(tx, id, epoch))).toBe(true);
    await ready(id, epoch, 'cut');
  });
});

test('an instance that starts in the cut round of a hold is waited for, and answers', async () => {
  await start('mx1');
  const id = await addAccount(store);
  const epoch = await hold(store, id, await follow(store, id));
  await ready(id, epoch, 'freeze');
  await store.transaction((tx) => askCut(tx, id, epoch));
  const two = await start('mx2');
  await ready(id, epoch, 'cut');
  expect(two.fake.calls).toEqual([`freeze ${id} ${epoch} 2000`, `cut ${id}`]);
});

test('an evicted instance sends everybody away', async () => {
  const one = await start();
  const id = await addAccount(store);
  await hold(store, id, await follow(store, id));
  await until(() => one.mirror.route(id)?.phase === 'held');
  const outcome = expect(one.holds.home(id)).rejects.toThrow(unavailable);
  await store.transaction((tx) => evictInstance(tx, 'mx1', { actor: 'op', why: 'test' }));
  await outcome;
  const other = await addAccount(store);
  await until(() => one.mirror.byId(other) !== undefined);
  expect(one.holds.homeNow(other)).toBeUndefined();
  await expect(one.holds.home(other)).rejects.toThrow(unavailable);
});

test('waiting has an end, a cap, and can be given up', async () => {
  const holdClock = createManualClock(0);
  const one = await start('mx1', { holdClock });
  const id = await addAccount(store);
  await hold(store, id, await follow(store, id));
  await until(() => one.mirror.route(id)?.phase === 'held');
  const giveUp = new AbortController();
  const given = expect(one.holds.home(id, { signal: giveUp.signal })).rejects.toThrow(expect.objectContaining({ code: 'aborted' }));
  giveUp.abort();
  await given;
  const all = Promise.allSettled(Array.from({ length: 2_000 }, () => one.holds.home(id, { waitMs: 1_000_000 })));
  expect(one.holds.waiting()).toBe(2_000);
  await expect(one.holds.home(id)).rejects.toThrow(unavailable);
  await holdClock.pass(10_000);
  const reasons = (await all).map((outcome) => outcome.status === 'rejected' && (outcome.reason as CausewayError).customerText);
  expect(new Set(reasons).size).toBe(1);
  expect(reasons[0]).toMatch(/password was not rejected/);
  expect(one.holds.waiting()).toBe(0);
  await expect(one.holds.home(999_999_999)).rejects.toThrow(expect.objectContaining({ code: 'not-found' }));
});

test('many holds at once, flipped and backed out by the store as it likes, end with everybody agreed', async () => {
  const [one, two] = [await start('mx1'), await start('mx2')];
  const ids = await Promise.all(Array.from({ length: 30 }, () => addAccount(store)));
  await Promise.all(
    ids.map(async (id, index) => {
      let epoch = await follow(store, id);
      for (let round = 0; round <= index % 3; round += 1) {
        epoch = await hold(store, id, epoch);
        await ready(id, epoch, 'freeze');
        await store.transaction((tx) => askCut(tx, id, epoch));
        if (round < index % 3) await store.transaction((tx) => backOut(tx, id, epoch));
      }
      await ready(id, epoch, 'cut');
      const [flipped, backedOut] = await Promise.all([
        store.transaction((tx) => flip(tx, id, epoch, 'new')),
        index % 2 === 0 ? store.transaction((tx) => backOut(tx, id, epoch)) : false,
      ]);
      expect(flipped).not.toBe(backedOut);
      if (backedOut) await store.transaction((tx) => settle(tx, id, epoch));
    }),
  );
  for (const id of ids) {
    const route = await readRoute(store, id);
    for (const { holds } of [one, two]) {
      expect(await holds.home(id)).toMatchObject({ home: route?.home });
      await until(() => holds.homeNow(id)?.phase === 'settled');
      expect(holds.homeNow(id)).toEqual(route);
    }
  }
});
