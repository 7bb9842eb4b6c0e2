import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createAccounts, directoryMigrations } from '#directory/index.ts';
import { incidentMigrations } from '#incident/index.ts';
import { moverMigrations, requestMove } from '#mover/index.ts';
import { type Store, storeMigrations } from '#store/index.ts';
import { emptyTables, openTestStore, type TestStore } from '#store/testing.ts';
import { abortPlan, promotePlan, retryPlan, rollBackWave, standingOf } from './acts.ts';
import { pausePlan, resumePlan, runPlan } from './control.ts';
import { holdBack, letGo, placeInWave } from './hold-back.ts';
import { planFile } from './plan-file.ts';
import { findPlan, waveProgress } from './records.ts';
import { step } from './runner.ts';
import { migrations } from './tables.ts';

let opened: TestStore;
let store: Store;
beforeAll(async () => {
  opened = await openTestStore([...storeMigrations, ...directoryMigrations, ...moverMigrations, ...migrations, ...incidentMigrations]);
  store = opened.store;
});
afterAll(() => opened.close());
beforeEach(async () => {
  await emptyTables(store);
  await store.transaction((tx) => createAccounts(tx, Array.from({ length: 10 }, (_, i) => ({ address: `c${i}@isp.example`, home: 'old', authority: 'ours' })), { actor: 'test' }));
  const file = planFile.parse({ plan: 'p', from: 'old', to: 'new', waves: [{ name: 'one', share: '20%' }, { name: 'rest', share: 'rest' }], gates: { failedMoves: 5 } });
  const candidates = async () => (await sql<{ id: number; address: string; authority: string }>`select id, address, authority from account`.execute(store.db())).rows;
  await runPlan(store, file, candidates, 'p.yaml', 'test');
  await steps();
});

const by = { actor: 'staff:olga', why: 'support asked for it' };
const steps = async (n = 1): Promise<void> => {
  for (let i = 0; i < n; i += 1) await step(store, requestMove);
};
const end = async (state: 'moved' | 'failed', limit = 100): Promise<void> => {
  const { rows } = await sql<{ account_id: number }>`update move set state = ${state}, ended_at = now() where id in (select id from move where state = 'queued' and back is null order by id limit ${limit}) returning account_id`.execute(store.db());
  if (state === 'moved') await sql`update route set home = 'new' where account_id = any(${rows.map((row) => row.account_id)}::bigint[])`.execute(store.db());
};
const moves = async (): Promise<Record<string, number>> => {
  const { rows } = await sql<{ state: string; n: number }>`select state, count(*)::int as n from move group by state`.execute(store.db());
  return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
};
const ofWave = async (number: number): Promise<number[]> => {
  const { rows } = await sql<{ id: number }>`select account_id as id from wave_account join wave on wave.id = wave_id where number = ${number} order by account_id`.execute(store.db());
  return rows.map(({ id }) => id);
};
const audited = async (): Promise<string[]> => {
  const { rows } = await sql<{ line: string }>`select concat_ws(' ', actor, act, subject, why) as line from audit where act like 'cutover.%' order by id`.execute(store.db());
  return rows.map(({ line }) => line);
};

test('retry asks the failed again, and nobody else; where none failed it is refused', async () => {
  await expect(retryPlan(store, by)).rejects.toMatchObject({ code: 'conflict' });
  await end('moved', 1);
  await end('failed');
  await pausePlan(store, 'olga', 'looking');
  expect(await retryPlan(store, by)).toBe(1);
  expect(await moves()).toEqual({ failed: 1, moved: 1, queued: 1 });
  expect((await findPlan(store)).state).toBe('paused');
  expect((await audited()).at(-1)).toBe('staff:olga cutover.retry p support asked for it');
});

test('promote leaves behind who failed, and the next wave begins; never past what is going on', async () => {
  await expect(promotePlan(store, by)).rejects.toThrow('2 moves of the wave are still going on');
  await end('moved', 1);
  await end('failed');
  expect(await promotePlan(store, by)).toBe(1);
  await steps();
  expect((await waveProgress(store, 1)).map(({ state }) => state)).toEqual(['done', 'running']);
  expect(await moves()).toEqual({ failed: 1, moved: 1, queued: 8 });
});

test('abort ends it for good: moves are called off but for a hold, which is when it has ended', async () => {
  await sql`update move set state = 'held' where id = 1`.execute(store.db());
  await abortPlan(store, by);
  await steps();
  expect(await moves()).toEqual({ held: 1, cancelled: 1 });
  await sql`update move set state = 'following' where id = 1`.execute(store.db());
  await steps(2);
  expect(await moves()).toEqual({ cancelled: 2 });
  const { acts, plan } = await standingOf(store);
  expect(plan).toMatchObject({ state: 'aborted', reason: by.why });
  expect(Object.values(acts).some(({ allowed }) => allowed)).toBe(false);
  await expect(resumePlan(store, 'olga')).rejects.toMatchObject({ code: 'conflict' });
});

test('a wave goes back: those who live at the target, once, and not while the plan goes on', async () => {
  await end('moved');
  await expect(rollBackWave(store, by, 1)).rejects.toThrow('Pause the plan first');
  await pausePlan(store, 'olga', 'looking');
  expect(await rollBackWave(store, by, 1)).toBe(2);
  const { rows } = await sql<{ source: string; target: string; back: string }>`select source, target, back from move where back is not null`.execute(store.db());
  expect(rows).toEqual([{ source: 'new', target: 'old', back: 'asked' }, { source: 'new', target: 'old', back: 'asked' }]);
  expect(await rollBackWave(store, by, 1), 'again it asks for the same').toBe(2);
  expect(await moves()).toEqual({ moved: 2, queued: 2 });
  await expect(rollBackWave(store, by, 9)).rejects.toMatchObject({ code: 'not-found' });
});

test('who is held back is not moved, and the wave ends without; let go it moves with the wave', async () => {
  const [first, second] = await ofWave(1);
  const [late] = await ofWave(2);
  await store.transaction((tx) => holdBack(tx, first!, by));
  await store.transaction((tx) => holdBack(tx, late!, by));
  expect(await moves()).toEqual({ queued: 1, cancelled: 1 });
  expect((await waveProgress(store, 1))[0]).toMatchObject({ accounts: 1, heldBack: 1 });
  await end('moved');
  await expect(store.transaction((tx) => holdBack(tx, second!, by))).rejects.toThrow('lives at new already');
  await steps(2);
  expect((await waveProgress(store, 1)).map(({ state, queued }) => [state, queued])).toEqual([['done', 0], ['running', 7]]);
  expect(await store.transaction((tx) => letGo(tx, late!, by))).toBe(true);
  expect(await store.transaction((tx) => letGo(tx, late!, by))).toBe(false);
  await steps();
  expect((await waveProgress(store, 1))[1]).toMatchObject({ state: 'running', queued: 8, heldBack: 0 });
  expect(await audited()).toContain(`staff:olga cutover.let-go account:${late} support asked for it`);
});

test('earlier and later: into another wave that is not done, while the move has not begun', async () => {
  const [first, second] = await ofWave(1);
  const [late] = await ofWave(2);
  await store.transaction((tx) => placeInWave(tx, late!, 1, by));
  await steps();
  expect((await waveProgress(store, 1)).map(({ accounts, queued }) => [accounts, queued])).toEqual([[3, 3], [7, 0]]);
  await store.transaction((tx) => placeInWave(tx, first!, 2, by));
  expect((await waveProgress(store, 1)).map(({ accounts }) => accounts)).toEqual([2, 8]);
  await sql`update move set state = 'copying' where account_id = ${second}`.execute(store.db());
  await expect(store.transaction((tx) => placeInWave(tx, second!, 2, by))).rejects.toThrow('its move has begun');
  await expect(store.transaction((tx) => placeInWave(tx, late!, 7, by))).rejects.toThrow('wave 7');
});

test('who came to the target otherwise is not moved again, and keeps no wave from ending', async () => {
  const [first] = await ofWave(2);
  await sql`update route set home = 'new' where account_id = ${first}`.execute(store.db());
  await end('moved');
  await steps(2);
  expect((await waveProgress(store, 1))[1]).toMatchObject({ state: 'running', moved: 1, queued: 7 });
  await end('moved');
  await steps(2);
  expect((await findPlan(store)).state).toBe('done');
});

test('what the runner did stands in the audit', async () => {
  await end('moved');
  await steps(2);
  expect(await audited()).toEqual(['test cutover.run p', 'runner cutover.wave-started p', 'runner cutover.wave-done p', 'runner cutover.wave-started p']);
});
