/** For tests and benches of cases: the tables, an incident, and many cases of it. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { migrations as cutoverMigrations } from '#cutover/tables.ts';
import { directoryMigrations } from '#directory/index.ts';
import { declaredMigrations, declareIncident, addUpdate } from '#incident/declared/index.ts';
import { incidentMigrations } from '#incident/index.ts';
import { moverMigrations } from '#mover/migrations.ts';
import { lockMigrations } from '#signin/locks/migrations.ts';
import { type Migration, type Store, storeMigrations } from '#store/index.ts';
import { deskActMigrations } from '../acts/tables.ts';
import { caseMigrations } from './tables.ts';

export const deskMigrations: readonly Migration[] = [...storeMigrations, ...directoryMigrations, ...moverMigrations, ...cutoverMigrations, ...incidentMigrations, ...declaredMigrations, ...lockMigrations, ...caseMigrations, ...deskActMigrations];

/** @returns the incident's id */
export async function declareOutage(store: Store, title = 'Sign-in fails'): Promise<string> {
  const id = randomUUID();
  await store.transaction((tx) => declareIncident(tx, { id, title, components: ['sign-in'], impact: 'major', public: true, state: 'investigating', text: 'We look into it.', by: 'staff:ada' }));
  return id;
}

export async function update(store: Store, incidentId: string, state: 'identified' | 'resolved', text: string, textEs?: string): Promise<number> {
  const { updateId } = await store.transaction((tx) => addUpdate(tx, { incidentId, key: randomUUID(), state, text, ...(textEs === undefined ? {} : { textEs }), by: 'staff:ada' }));
  return updateId;
}

/** Cases of these accounts, one each, all of the incident. */
export async function seedCases(store: Store, accountIds: readonly number[], incident: string | undefined): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    insert into desk_case (key, account_id, subject, priority, opened_by, answer_due, solution_due, incident_id)
    select gen_random_uuid(), id, 'cannot sign in', 'normal', 'staff:ada', now() + interval '2 hours', now() + interval '1 day', ${incident ?? null}::uuid
    from unnest(${[...accountIds]}::bigint[]) as account (id) returning id`.execute(store.db());
  return rows.map(({ id }) => id);
}
