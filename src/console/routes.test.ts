import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ConsoleState, consoleState } from '#cutover/api.ts';
import { runPlan } from '#cutover/control.ts';
import { planFile } from '#cutover/plan-file.ts';
import { step } from '#cutover/runner.ts';
import { migrations } from '#cutover/tables.ts';
import { createAccounts, directoryMigrations } from '#directory/index.ts';
import { systemClock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import { type App, createApp, tellInJson } from '#http/app.ts';
import { declaredMigrations, declareIncident } from '#incident/declared/index.ts';
import { incidentMigrations } from '#incident/index.ts';
import { moverMigrations, requestMove } from '#mover/index.ts';
import type { Role, StaffMember } from '#staff/api.ts';
import { actAs } from '#staff/testing.ts';
import { createFigures } from '#store/figures.ts';
import { type Store, storeMigrations } from '#store/index.ts';
import { openTestStore, type TestStore } from '#store/testing.ts';
import { addConsoleRoutes } from './routes.ts';

let opened: TestStore;
let store: Store;
let app: App;
let console: { close(): Promise<void> };
let who: StaffMember | undefined;
beforeAll(async () => {
  opened = await openTestStore([...storeMigrations, ...directoryMigrations, ...moverMigrations, ...migrations, ...incidentMigrations, ...declaredMigrations]);
  store = opened.store;
  app = createApp(silent, tellInJson);
  actAs(app, () => who);
  console = addConsoleRoutes(app, { store, clock: systemClock });
});
afterAll(async () => {
  await console.close();
  await opened.close();
});
beforeEach(async () => {
  who = { id: 1, name: 'olga', role: 'operator' };
  await sql`truncate plan, wave, wave_account, held_back, move, figure, route, account, audit, incident restart identity cascade`.execute(store.db());
  await store.transaction((tx) => createAccounts(tx, Array.from({ length: 10 }, (_, i) => ({ address: `c${i}@isp.example`, home: 'old', authority: 'ours' })), { actor: 'test' }));
});

const begin = async (): Promise<void> => {
  const candidates = async () => (await sql<{ id: number; address: string; authority: string }>`select id, address, authority from account`.execute(store.db())).rows;
  await runPlan(store, planFile.parse({ plan: 'friday', from: 'old', to: 'new', waves: [{ name: 'first', share: '20%' }, { name: 'rest', share: 'rest' }] }), candidates, 'p', 'operator:root');
  await step(store, requestMove);
};
const env = { incoming: { socket: {} } };
const get = async (path: string): Promise<Response> => app.request(path, {}, env);
const post = async (path: string, body: unknown): Promise<Response> => app.request(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }, env);
const state = async (): Promise<ConsoleState> => {
  const answer = await get('/api/console/state');
  expect(answer.status).toBe(200);
  return consoleState.parse(await answer.json());
};
const why = 'calls are piling up';

test('before any plan it says so', async () => {
  expect(await state()).toMatchObject({ plan: null, plans: [], waves: [], timeline: [] });
  expect((await get('/api/console/state?plan=none')).status).toBe(404);
});

test('plan, waves, gates, comparison, failures, incidents and what happened, in one look', async () => {
  await begin();
  const figures = createFigures(store, { instance: 'i' });
  figures.add('signin.accepted', { platform: 'old' }, 30);
  figures.add('signin.unavailable', { platform: 'new' }, 3);
  figures.add('signin.false-rejection', { platform: 'new' }, 1);
  await figures.stop();
  await sql`update move set state = 'failed', failure = 'quota', error = 'no room', ended_at = now() where id = 1`.execute(store.db());
  await sql`insert into incident (id, instance, kind, platform, protocols, began_at, occurrences, accounts) values (gen_random_uuid(), 'i', 'sentinel', 'new', '{imap}', now(), 1, 1)`.execute(store.db());
  await store.transaction((tx) => declareIncident(tx, { id: randomUUID(), title: 'Webmail is slow', components: ['webmail'], state: 'investigating', impact: 'minor', public: true, by: 'staff:lena', text: 'We look into it.' }));
  await step(store, requestMove);
  const shown = await state();
  expect(shown.plan).toMatchObject({ name: 'friday', source: 'old', target: 'new', state: 'paused', acts: { resume: { allowed: false }, retry: { allowed: true } } });
  expect(shown.waves.map(({ name, accounts, failed, queued }) => [name, accounts, failed, queued])).toEqual([['first', 2, 1, 1], ['rest', 8, 0, 0]]);
  const gate = shown.gates.find(({ name }) => name === 'false rejections')!;
  expect(gate).toMatchObject({ state: 'passed', value: 1, limit: 0 });
  expect(gate.series.filter(({ value }) => value === 1).length).toBe(1);
  const sum = (buckets: ConsoleState['comparison']['moved'], key: 'signIns' | 'unavailable' | 'falseRejections'): number => buckets.reduce((total, each) => total + each[key], 0);
  const { moved, notYet } = shown.comparison;
  expect([sum(moved, 'signIns'), sum(moved, 'unavailable'), sum(moved, 'falseRejections'), sum(notYet, 'signIns'), sum(notYet, 'unavailable')]).toEqual([3, 3, 1, 30, 0]);
  expect(shown.failures).toMatchObject([{ wave: 'first', failure: 'quota', error: 'no room' }]);
  expect(new Set(shown.timeline.map(({ act }) => act))).toEqual(new Set(['cutover.run', 'cutover.wave-started', 'cutover.gate-passed', 'incident.sentinel', 'incident.declared', 'move.failed']));
  expect(shown.openMoves).toBe(1);
});

test('each act by those whose role allows it, with a reason, in its states; audited as theirs', async () => {
  await begin();
  expect((await post('/api/console/plans/friday/pause', { why: '' })).status, 'no reason').toBe(400);
  expect((await post('/api/console/plans/friday/pause', { why })).status).toBe(200);
  expect((await post('/api/console/plans/friday/pause', { why })).status, 'it is paused').toBe(409);
  expect((await post('/api/console/plans/friday/promote', { why })).status).toBe(409);
  expect((await post('/api/console/plans/friday/resume', { why })).status).toBe(200);
  expect((await post('/api/console/plans/nobody/pause', { why })).status).toBe(404);
  expect((await post('/api/console/plans/friday/abort', { why })).status).toBe(200);
  expect((await post('/api/console/plans/friday/resume', { why })).status).toBe(409);
  const { rows } = await sql<{ line: string }>`select concat_ws(' ', act, why) as line from audit where actor = 'staff:olga' order by id`.execute(store.db());
  expect(rows.map(({ line }) => line)).toEqual(['pause', 'resume', 'abort'].map((act) => `cutover.${act} ${why}`));
});

test('who may do what', async () => {
  await begin();
  const may = async (role: Role | undefined, path: string): Promise<number> => {
    who = role === undefined ? undefined : { id: 1, name: 'someone', role };
    return (await post(path, { why, accounts: ['nobody@isp.example'] })).status;
  };
  expect(await may(undefined, '/api/console/plans/friday/pause')).toBe(401);
  expect((await get('/api/console/state')).status).toBe(401);
  expect((await get('/api/console/events')).status).toBe(401);
  for (const act of ['pause', 'resume', 'retry', 'promote', 'abort', 'waves/1/roll-back']) expect(await may('level-one', `/api/console/plans/friday/${act}`), act).toBe(403);
  for (const act of ['resume', 'retry', 'promote', 'abort', 'waves/1/roll-back']) expect(await may('lead', `/api/console/plans/friday/${act}`), act).toBe(403);
  expect(await may('level-one', '/api/console/accounts/hold-back')).toBe(403);
  expect(await may('level-two', '/api/console/accounts/roll-back')).toBe(403);
  expect(await may('level-two', '/api/console/accounts/hold-back'), 'nobody has that name').toBe(404);
});

test('accounts are held back, let go and rolled back by any of their names, all or none', async () => {
  await begin();
  expect(await (await post('/api/console/accounts/hold-back', { why, accounts: ['c1@isp.example', 'C2@isp.example'] })).json()).toEqual({ accounts: 2 });
  expect((await post('/api/console/accounts/hold-back', { why, accounts: ['c3@isp.example', 'nobody@isp.example'] })).status).toBe(404);
  const shown = await state();
  expect(shown.heldBack.map(({ address, by, why: reason }) => [address, by, reason]).sort()).toEqual([['c1@isp.example', 'staff:olga', why], ['c2@isp.example', 'staff:olga', why]]);
  expect(shown.waves.reduce((sum, { heldBack }) => sum + heldBack, 0)).toBe(2);
  expect(await (await post('/api/console/accounts/let-go', { why, accounts: ['c1@isp.example'] })).json()).toEqual({ accounts: 1 });
  expect((await post('/api/console/accounts/roll-back', { why, accounts: ['c1@isp.example'] })).status, 'never moved').toBe(409);
  // What was done stays told, also when it was undone; a list is one entry.
  const told = (await state()).timeline.filter(({ act }) => act.startsWith('cutover.hold') || act.startsWith('cutover.let'));
  expect(told.map(({ act, actor, why: reason, accounts, about }) => [act, actor, reason, accounts, about])).toEqual([['cutover.let-go', 'staff:olga', why, 1, 'c1@isp.example'], ['cutover.hold-back', 'staff:olga', why, 2, null]]);
});

test('what changes is told to who looks, without being asked', async () => {
  await begin();
  const gone = new AbortController();
  const answer = await app.request('/api/console/events', { signal: gone.signal }, env);
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const until = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(text)) {
      const { value, done } = await reader.read();
      if (done) throw new Error('it ended');
      text += value;
    }
  };
  await until(/"state":"running","reason"/);
  expect((await post('/api/console/plans/friday/pause', { why })).status).toBe(200);
  await until(/"state":"paused","reason":"calls are piling up"/);
  gone.abort();
  await reader.cancel();
});
