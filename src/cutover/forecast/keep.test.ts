import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAccounts, directoryMigrations } from '#directory/index.ts';
import { incidentMigrations } from '#incident/index.ts';
import { moverMigrations, requestMove } from '#mover/index.ts';
import { type Store, storeMigrations } from '#store/index.ts';
import { openTestStore, type TestStore } from '#store/testing.ts';
import { runPlan } from '../control.ts';
import { planFile } from '../plan-file.ts';
import { step } from '../runner.ts';
import { migrations } from '../tables.ts';
import { forecastOfAccount, forecastOfRestoration, forecastQuality, forecastsAtAQuarter, forecastsOf, revise, revisionsOf } from './index.ts';

let opened: TestStore;
let store: Store;
beforeAll(async () => {
  opened = await openTestStore([...storeMigrations, ...directoryMigrations, ...moverMigrations, ...migrations, ...incidentMigrations]);
  store = opened.store;
});
afterAll(() => opened.close());

/** 1 s and 10 ms a message, of 100. */
const END = sql`state = 'moved', started_at = now() - interval '2 seconds', ended_at = now(), messages = 100, bytes = 500000`;

test('a wave is forecast, revised in the open, and judged when it has ended', async () => {
  await store.transaction((tx) => createAccounts(tx, Array.from({ length: 40 }, (_, i) => ({ address: `c${i}@isp.example`, home: 'old', authority: 'ours' })), { actor: 'test' }));
  const candidates = async () => (await sql<{ id: number; address: string; authority: string }>`select id, address, authority from account`.execute(store.db())).rows;
  await runPlan(store, planFile.parse({ plan: 'p', from: 'old', to: 'new', waves: [{ name: 'all', share: '50%' }, { name: 'rest', share: 'rest' }] }), candidates, 'p', 'test');
  await step(store, requestMove);
  await revise(store);
  expect(await revisionsOf(store, 'plan', 1), 'nothing is known yet').toEqual([]);

  await sql`update move set ${END} where id <= 5`.execute(store.db());
  await revise(store);
  const first = (await forecastsOf(store, 'wave', [1, 2])).get(1)!;
  expect(first.fromAt <= first.likelyAt && first.likelyAt <= first.toAt).toBe(true);
  expect(first.basis).toMatchObject({ done: 5, left: 15, paused: false });
  expect((await forecastsOf(store, 'plan', [1])).get(1)!.likelyAt > first.likelyAt).toBe(true);

  const order = await Promise.all([6, 19].map(async (id) => forecastOfAccount(store, (await sql<{ a: number }>`select account_id as a from move where id = ${id}`.execute(store.db())).rows[0]!.a)));
  expect(order[0]!.likelyAt < order[1]!.likelyAt).toBe(true);
  expect(order[1]!.toAt <= first.toAt).toBe(true);
  const { rows: pending } = await sql<{ a: number }>`select account_id as a from wave_account where wave_id = 2 limit 1`.execute(store.db());
  const later = (await forecastOfAccount(store, pending[0]!.a))!;
  expect(later.fromAt >= first.fromAt).toBe(true);

  await sql`update move set ${END} where id <= 19`.execute(store.db());
  await revise(store);
  expect((await revisionsOf(store, 'wave', 1)).length).toBe(2);
  await revise(store);
  await sql`update move set ${END}`.execute(store.db());
  await step(store, requestMove);
  await revise(store);
  expect((await forecastsOf(store, 'wave', [1])).size, 'what has ended is forecast no more').toBe(0);
  // As if it had begun a minute ago, was forecast after ten seconds, and ended as that said.
  await sql`update forecast set began_at = made_at - interval '1 second', from_at = made_at + interval '8 seconds', likely_at = made_at + interval '9 seconds',
    to_at = made_at + interval '10 seconds', ended_at = made_at + interval '9 seconds' where kind = 'wave' and subject = 1`.execute(store.db());
  expect(await forecastQuality(store)).toMatchObject({ ended: 1, within: 1 });
  await sql`update forecast set to_at = likely_at, ended_at = ended_at + interval '60 seconds' where kind = 'wave' and subject = 1`.execute(store.db());
  expect(await forecastQuality(store)).toMatchObject({ ended: 1, within: 0 });
  expect(await forecastsAtAQuarter(store)).toHaveLength(1);
});

test('a backlog of customers is forecast from its height on, and ends when nearly all are served', async () => {
  await sql`insert into incident (id, instance, kind, platform, protocols, began_at, occurrences, accounts) values (gen_random_uuid(), 'i', 'known-unavailable', 'old', '{imap}', now(), 1, 1)`.execute(store.db());
  await sql`insert into sign_in_seen (account_id, protocol, network, device, outcome, means, first_at, last_at, times)
    select id, 'imap', '192.0.2.1', '', 'waiting', 'none', now() - interval '2 minutes', now() - interval '2 minutes', 3 from account`.execute(store.db());
  const served = (n: number) => sql`insert into sign_in_seen (account_id, protocol, network, device, outcome, means, first_at, last_at, times)
    select id, 'imap', '192.0.2.1', '', 'accepted', 'password', now(), now(), 1 from account order by id limit ${n} on conflict do nothing`.execute(store.db());
  const age = (seconds: number) => sql`update backlog set at = at - ${seconds} * interval '1 second'`.execute(store.db());
  await revise(store);
  expect(await forecastOfRestoration(store)).toBeUndefined();
  await age(30);
  await served(20);
  await revise(store);
  const forecast = (await forecastOfRestoration(store))!;
  expect(forecast.basis).toMatchObject({ done: 20, left: 20 });
  expect(forecast.toAt > forecast.fromAt).toBe(true);
  await age(30);
  await served(40);
  await revise(store);
  expect(await forecastOfRestoration(store)).toBeUndefined();
});
