import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createAccounts, directoryMigrations } from '#directory/index.ts';
import { moverMigrations, requestMove } from '#mover/index.ts';
import { createFigures, type Figures } from '#store/figures.ts';
import { type Store, storeMigrations } from '#store/index.ts';
import { openTestStore, type TestStore } from '#store/testing.ts';
import { type Candidates, pausePlan, previewPlan, resumePlan, runPlan } from './control.ts';
import { planFile } from './plan-file.ts';
import { findPlan, movedBy, waveGoesOn, waveProgress } from './records.ts';
import { step } from './runner.ts';
import { migrations } from './tables.ts';

let opened: TestStore;
let store: Store;
let figures: Figures;
beforeAll(async () => {
  opened = await openTestStore([...storeMigrations, ...directoryMigrations, ...moverMigrations, ...migrations]);
  store = opened.store;
  figures = createFigures(store, { instance: 'test' });
});
afterAll(async () => {
  await figures.stop();
  await opened.close();
});
beforeEach(async () => {
  await sql`truncate plan, wave, wave_account, move, figure, route, account restart identity cascade`.execute(store.db());
  await store.transaction((tx) =>
    createAccounts(tx, Array.from({ length: 10 }, (_, i) => ({ address: `c${i}@isp.example`, home: 'old', authority: 'ours' })), { actor: 'test' }),
  );
});

const candidates: Candidates = async () => (await sql<{ id: number; address: string; authority: string }>`select id, address, authority from account`.execute(store.db())).rows;
const file = (plan = 'p') => planFile.parse({ plan, from: 'old', to: 'new', waves: [{ name: 'one', share: '20%' }, { name: 'rest', share: 'rest' }], gates: { windowSeconds: 600 } });
const steps = async (n = 1): Promise<void> => {
  for (let i = 0; i < n; i += 1) await step(store, requestMove);
};
const end = (state: 'moved' | 'failed', failure: string | null = null, limit = 100) =>
  sql`update move set state = ${state}, failure = ${failure} where id in (select id from move where state = 'queued' order by id limit ${limit})`.execute(store.db());
const count = async (name: string, n: number): Promise<void> => {
  figures.add(name, { platform: 'old' }, n);
  await figures.flush();
};
const state = async () => (await findPlan(store)).state;

test('whom a wave moved, and who lives there still: who goes back with it', async () => {
  await runPlan(store, file(), candidates, 'p.yaml', 'test');
  await steps();
  await end('moved');
  const { rows } = await sql<{ id: number }>`select account_id as id from wave_account where wave_id = 1 order by account_id`.execute(store.db());
  const [first, second] = rows.map(({ id }) => id);
  expect(await movedBy(store, await findPlan(store), 'one')).toEqual([]);
  await sql`update route set home = 'new' where account_id in (${first}, ${second})`.execute(store.db());
  expect(await movedBy(store, await findPlan(store), 'one')).toEqual([first, second]);
  await sql`update route set home = 'old' where account_id = ${first}`.execute(store.db());
  expect(await movedBy(store, await findPlan(store, 'p'), 'one')).toEqual([second]);
  expect(await movedBy(store, await findPlan(store), 'rest')).toEqual([]);
  await expect(movedBy(store, await findPlan(store), 'two')).rejects.toMatchObject({ code: 'not-found' });
});

test('wave after wave, each when the one before has moved', async () => {
  await runPlan(store, file(), candidates, 'p.yaml', 'test');
  await steps();
  const [one, rest] = await waveProgress(store, 1);
  expect([one!.state, rest!.state]).toEqual(['running', 'pending']);
  expect(await waveGoesOn(store, one!.id)).toBe(true);
  expect(await waveGoesOn(store, rest!.id)).toBe(false);
  await steps(3);
  expect((await waveProgress(store, 1))[1]!.state).toBe('pending');
  await end('moved');
  await steps(2);
  expect((await waveProgress(store, 1)).map((wave) => [wave.state, wave.moved])).toEqual([['done', 2], ['running', 0]]);
  await end('moved');
  await steps(2);
  expect(await state()).toBe('done');
});

test('a failed move pauses; resuming asks it again and nothing that has moved', async () => {
  await runPlan(store, file(), candidates, 'p.yaml', 'test');
  await steps();
  await end('moved', null, 1);
  await end('failed', 'quota');
  await steps();
  expect(await findPlan(store)).toMatchObject({ state: 'paused', reason: 'failed moves: 1 (at most 0)' });
  expect(await waveGoesOn(store, 1)).toBe(false);
  await resumePlan(store, 'test');
  await steps();
  const { rows } = await sql<{ state: string; n: number }>`select state, count(*)::int as n from move group by state order by state`.execute(store.db());
  expect(rows).toEqual([{ state: 'failed', n: 1 }, { state: 'moved', n: 1 }, { state: 'queued', n: 1 }]);
});

test('unavailability pauses, and a resume is refused until the window is clean', async () => {
  await runPlan(store, file(), candidates, 'p.yaml', 'test');
  await steps();
  await count('signin.accepted', 10);
  await count('signin.unavailable', 5);
  await steps();
  expect(await state(), 'fifteen sign-ins say nothing').toBe('running');
  await count('sentinel.failed', 5);
  await steps();
  expect(await state()).toBe('paused');
  await expect(resumePlan(store, 'test')).rejects.toMatchObject({ code: 'conflict', retryable: true });
  await sql`update figure set bucket = bucket - interval '1 hour'`.execute(store.db());
  await resumePlan(store, 'test');
  expect(await state()).toBe('running');
});

test('a false rejection pauses at once, whatever the volume', async () => {
  await runPlan(store, file(), candidates, 'p.yaml', 'test');
  await steps();
  await count('signin.false-rejection', 1);
  await steps();
  expect(await state()).toBe('paused');
});

test('pausing by hand is told and audited; only what is running can be paused', async () => {
  await runPlan(store, file(), candidates, 'p.yaml', 'test');
  await pausePlan(store, 'olga', 'too many calls');
  expect(await findPlan(store)).toMatchObject({ state: 'paused', reason: 'too many calls' });
  await expect(pausePlan(store, 'olga', 'again')).rejects.toMatchObject({ code: 'conflict' });
  const { rows } = await sql<{ act: string; why: string }>`select act, why from audit where act = 'cutover.pause' and actor = 'olga' order by id desc limit 1`.execute(store.db());
  expect(rows).toEqual([{ act: 'cutover.pause', why: 'too many calls' }]);
});

test('a preview changes nothing; a second plan waits for the first', async () => {
  expect((await previewPlan(file(), candidates, 'p.yaml')).map((wave) => wave.accounts.length)).toEqual([2, 8]);
  await expect(findPlan(store)).rejects.toMatchObject({ code: 'not-found' });
  await runPlan(store, file(), candidates, 'p.yaml', 'test');
  await expect(runPlan(store, file('q'), candidates, 'q.yaml', 'test')).rejects.toMatchObject({ code: 'conflict', place: 'q.yaml' });
});

test('two runners at once start a wave once', async () => {
  await runPlan(store, file(), candidates, 'p.yaml', 'test');
  await Promise.all([step(store, requestMove), step(store, requestMove), step(store, requestMove)]);
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from move`.execute(store.db());
  expect(rows[0]!.n).toBe(2);
});
