import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Store } from '#store/index.ts';
import type { TestStore } from '#store/testing.ts';
import { addAccount, follow, hold, openDirectoryStore } from '../testing.ts';
import { acknowledge, holdState, readRoute } from './acknowledgements.ts';
import { evictInstance, joinInstance, leaveInstance, listInstances } from './instances.ts';
import { askCut, backOut, beginHold, expireHolds, flip, setFollowing, settle, startCopying } from './phases.ts';
import type { Answer, Stage } from './route.ts';

let t: TestStore;
let store: Store;
beforeAll(async () => {
  t = await openDirectoryStore();
  ({ store } = t);
});
afterAll(() => t.close());
afterEach(async () => {
  await sql`delete from instance`.execute(store.db());
  // Else they expire under a later test's eyes.
  await sql`update route set phase = 'following', stage = null, hold_deadline = null, round_deadline = null where phase = 'held'`.execute(store.db());
});

const join = (...names: string[]) =>
  store.transaction(async (tx) => {
    for (const name of names) await joinInstance(tx, name, `boot-${name}`);
  });
const say = (instance: string, accountId: number, epoch: number, stage: Stage, answer: Answer, boot = `boot-${instance}`) =>
  store.transaction((tx) => acknowledge(tx, { instance, boot }, { accountId, epoch, stage }, answer));
const held = async (): Promise<[id: number, epoch: number]> => {
  const id = await addAccount(store);
  return [id, await hold(store, id, await follow(store, id))];
};
/** Lets the time of a hold or a round be over. */
const over = (column: 'hold_deadline' | 'round_deadline', id: number) =>
  sql`update route set ${sql.ref(column)} = clock_timestamp() - interval '1 ms' where account_id = ${id}`.execute(store.db());

test('each step happens only from where it may, once', async () => {
  const id = await addAccount(store);
  await store.transaction(async (tx) => {
    expect(await setFollowing(tx, id, 0)).toBe(false);
    expect(await beginHold(tx, id, 0)).toBeUndefined();
    expect(await startCopying(tx, id)).toEqual({ accountId: id, home: 'old', phase: 'copying', epoch: 0, stage: null });
    expect(await startCopying(tx, id)).toBeUndefined();
    expect(await setFollowing(tx, id, 1)).toBe(false);
    expect(await setFollowing(tx, id, 0)).toBe(true);
    expect(await settle(tx, id, 0)).toBe(true);
    await startCopying(tx, id);
    await setFollowing(tx, id, 0);
    expect(await beginHold(tx, id, 0)).toBe(1);
    expect(await beginHold(tx, id, 0)).toBeUndefined();
    expect(await settle(tx, id, 1)).toBe(false);
    expect(await backOut(tx, id, 0)).toBe(false);
    expect(await backOut(tx, id, 1)).toBe(true);
    expect(await backOut(tx, id, 1)).toBe(false);
    expect(await beginHold(tx, id, 1)).toBe(2);
  });
  expect(await readRoute(store, id)).toEqual({ accountId: id, home: 'old', phase: 'held', epoch: 2, stage: 'freeze' });
});

test('with nobody listed nobody serves, and a hold is complete at once', async () => {
  const [id, epoch] = await held();
  expect(await holdState(store, id, epoch)).toMatchObject({ stage: 'freeze', listed: 0, quiet: 0, silent: false });
  expect(await store.transaction((tx) => askCut(tx, id, epoch))).toBe(true);
  expect(await store.transaction((tx) => flip(tx, id, epoch, 'new'))).toBe(true);
  expect(await readRoute(store, id)).toEqual({ accountId: id, home: 'new', phase: 'settled', epoch, stage: null });
});

test('cut needs every listed instance quiet, flip needs every one cut', async () => {
  await join('a', 'b');
  const [id, epoch] = await held();
  const cut = () => store.transaction((tx) => askCut(tx, id, epoch));
  const flipped = () => store.transaction((tx) => flip(tx, id, epoch, 'new'));
  await say('a', id, epoch, 'freeze', 'quiet');
  expect(await cut()).toBe(false);
  expect(await holdState(store, id, epoch)).toEqual({
    stage: 'freeze', listed: 2, answered: 1, quiet: 1, busy: 0, missing: ['b'], silent: false, deadlinePassed: false,
  });
  await say('b', id, epoch, 'freeze', 'quiet');
  expect(await flipped()).toBe(false);
  expect(await cut()).toBe(true);
  await say('a', id, epoch, 'cut', 'cut');
  // An instance that joins meanwhile counts too.
  await join('c');
  await say('b', id, epoch, 'cut', 'cut');
  expect(await flipped()).toBe(false);
  expect(await say('c', id, epoch, 'cut', 'cut')).toBe(true);
  expect(await flipped()).toBe(true);
  expect(await holdState(store, id, epoch)).toBeUndefined();
});

test('one busy instance forbids the cut', async () => {
  await join('a', 'b');
  const [id, epoch] = await held();
  await say('a', id, epoch, 'freeze', 'busy');
  await say('b', id, epoch, 'freeze', 'quiet');
  // An answer is given once.
  await say('a', id, epoch, 'freeze', 'quiet');
  expect(await holdState(store, id, epoch)).toMatchObject({ quiet: 1, busy: 1, missing: [] });
  expect(await store.transaction((tx) => askCut(tx, id, epoch))).toBe(false);
});

test('an answer for another hold, round or life is not stored', async () => {
  await join('a');
  const [id, epoch] = await held();
  expect(await say('a', id, epoch - 1, 'freeze', 'quiet')).toBe(false);
  expect(await say('a', id, epoch, 'cut', 'cut')).toBe(false);
  expect(await say('b', id, epoch, 'freeze', 'quiet')).toBe(false);
  expect(await say('a', id, epoch, 'freeze', 'quiet', 'earlier')).toBe(false);
  expect(await say('a', id, epoch, 'freeze', 'quiet')).toBe(true);
  expect(await say('a', id, epoch, 'freeze', 'quiet')).toBe(true);
  await store.transaction((tx) => backOut(tx, id, epoch));
  expect(await say('a', id, epoch, 'freeze', 'quiet')).toBe(false);
  // A new hold begins without answers.
  const next = await hold(store, id, epoch);
  expect(await holdState(store, id, next)).toMatchObject({ answered: 0, missing: ['a'] });
});

test('a hold ends by its deadline and by silence, and by nothing else', async () => {
  await join('a');
  const [late] = await held();
  const [silent, silentEpoch] = await held();
  const [answered, answeredEpoch] = await held();
  const [young] = await held();
  await say('a', answered, answeredEpoch, 'freeze', 'quiet');
  await over('hold_deadline', late);
  await over('round_deadline', silent);
  await over('round_deadline', answered);
  expect(await holdState(store, silent, silentEpoch)).toMatchObject({ silent: true });
  expect(await holdState(store, answered, answeredEpoch)).toMatchObject({ silent: false });
  const expired = await store.transaction(expireHolds);
  expect(expired.map(({ accountId }) => accountId).sort()).toEqual([late, silent].sort());
  expect(await readRoute(store, late)).toMatchObject({ home: 'old', phase: 'following' });
  expect(await readRoute(store, young)).toMatchObject({ phase: 'held' });
  expect(await store.transaction(expireHolds)).toEqual([]);
});

test('after the deadline there is no cut and no flip', async () => {
  const [id, epoch] = await held();
  await over('hold_deadline', id);
  expect(await store.transaction((tx) => askCut(tx, id, epoch))).toBe(false);
  const [other, otherEpoch] = await held();
  await store.transaction((tx) => askCut(tx, other, otherEpoch));
  await over('hold_deadline', other);
  expect(await holdState(store, other, otherEpoch)).toMatchObject({ deadlinePassed: true });
  expect(await store.transaction((tx) => flip(tx, other, otherEpoch, 'new'))).toBe(false);
});

test('of a back-out and expiries at the same moment exactly one takes effect', async () => {
  for (let round = 0; round < 5; round += 1) {
    const [id, epoch] = await held();
    await over('hold_deadline', id);
    const all = await Promise.all([
      store.transaction(expireHolds).then((rows) => rows.some(({ accountId }) => accountId === id)),
      store.transaction((tx) => backOut(tx, id, epoch)),
      store.transaction(expireHolds).then((rows) => rows.some(({ accountId }) => accountId === id)),
    ]);
    expect(all.filter(Boolean)).toHaveLength(1);
  }
});

test('of flips and back-outs at the same moment exactly one takes effect', async () => {
  const outcomes: string[] = [];
  for (let round = 0; round < 15; round += 1) {
    const [id, epoch] = await held();
    await store.transaction((tx) => askCut(tx, id, epoch));
    const contenders = [
      ...[1, 2].map(() => () => store.transaction((tx) => flip(tx, id, epoch, 'new')).then((won) => (won ? 'flip' : ''))),
      ...[1, 2].map(() => () => store.transaction((tx) => backOut(tx, id, epoch)).then((won) => (won ? 'back-out' : ''))),
    ];
    // Whoever is first in the pool's line is often first at the row: each gets its turn.
    const turned = contenders.map((_, index) => contenders[(index + round) % contenders.length]!);
    const all = await Promise.all(turned.map((contend) => contend()));
    const winners = all.filter(Boolean);
    expect(winners).toHaveLength(1);
    const route = await readRoute(store, id);
    expect(route?.home).toBe(winners[0] === 'flip' ? 'new' : 'old');
    expect(route?.phase).toBe(winners[0] === 'flip' ? 'settled' : 'following');
    outcomes.push(winners[0]!);
  }
  expect(new Set(outcomes)).toEqual(new Set(['flip', 'back-out']));
});

test('the list of instances is joined, left by the life that joined, and evicted from by a person', async () => {
  await join('a', 'b');
  expect((await listInstances(store)).map(({ id }) => id)).toEqual(['a', 'b']);
  expect(await store.transaction((tx) => joinInstance(tx, 'a', 'again'))).toBe('boot-a');
  expect(await store.transaction((tx) => leaveInstance(tx, 'a', 'boot-a'))).toBe(false);
  expect(await store.transaction((tx) => leaveInstance(tx, 'a', 'again'))).toBe(true);
  expect(await store.transaction((tx) => evictInstance(tx, 'b', { actor: 'op', why: 'dead' }))).toBe(true);
  expect(await store.transaction((tx) => evictInstance(tx, 'b', { actor: 'op', why: 'dead' }))).toBe(false);
  const { rows } = await sql`select actor, why from audit where subject = 'instance:b'`.execute(store.db());
  expect(rows).toEqual([{ actor: 'op', why: 'dead' }]);
});
