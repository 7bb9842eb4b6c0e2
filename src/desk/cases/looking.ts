/**
 * Who else has a case open, by what their pages say every ten seconds.
 *
 * Invariants: nobody is locked out by it; who said nothing for 25 s is gone, a page that was closed as well as one that
 * crashed. It is told to nobody but those who have the case open.
 */
import { sql } from 'kysely';
import type { Store } from '#store/index.ts';
import { type Other, PRESENCE_MS } from './api.ts';

const GONE_MS = 2.5 * PRESENCE_MS;

/** Says that `name` has the case open. @returns who else has, those who write first */
export async function lookAt(store: Store, caseId: number, { name, writing }: { readonly name: string; readonly writing: boolean }): Promise<Other[]> {
  await sql`
    insert into desk_looking (case_id, staff, writing) values (${caseId}, ${name}, ${writing})
    on conflict (case_id, staff) do update set writing = excluded.writing, seen_at = clock_timestamp(),
      since = case when desk_looking.seen_at < clock_timestamp() - ${GONE_MS}::float8 * interval '1 millisecond' then clock_timestamp() else desk_looking.since end`.execute(store.db());
  return othersAt(store, caseId, name);
}

export async function lookAway(store: Store, caseId: number, name: string): Promise<void> {
  await sql`delete from desk_looking where case_id = ${caseId} and staff = ${name}`.execute(store.db());
}

export async function othersAt(store: Store, caseId: number, name: string): Promise<Other[]> {
  const { rows } = await sql<{ staff: string; writing: boolean; since: Date }>`
    select staff, writing, since from desk_looking
    where case_id = ${caseId} and staff <> ${name} and seen_at > clock_timestamp() - ${GONE_MS}::float8 * interval '1 millisecond'
    order by writing desc, since limit 20`.execute(store.db());
  return rows.map(({ staff, writing, since }) => ({ name: staff, writing, since: since.getTime() }));
}
