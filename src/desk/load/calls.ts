/** Calls: when they began and ended, by which the load is measured. Nobody's words are kept here. */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import type { Store, Tx } from '#store/index.ts';

export type NewCall = { readonly key: string; readonly staff: string; readonly account?: number | undefined; readonly case?: number | undefined };

/** A technician has one call at a time: the former one ends as the next begins. */
export async function beginCall(tx: Tx, { key, staff, account, case: caseId }: NewCall): Promise<number> {
  const { rows: before } = await sql<{ id: number }>`select id from desk_call where key = ${key}`.execute(tx.db());
  if (before[0] !== undefined) return before[0].id;
  await sql`update desk_call set ended_at = clock_timestamp() where staff = ${staff} and ended_at is null and began_at > now() - interval '1 day'`.execute(tx.db());
  const { rows } = await sql<{ id: number }>`
    insert into desk_call (key, staff, account_id, case_id)
    values (${key}, ${staff}, (select id from account where id = ${account ?? null}), (select id from desk_case where id = ${caseId ?? null})) returning id`.execute(tx.db());
  return rows[0]!.id;
}

/** @throws CausewayError `not-found` for a call that is none of theirs */
export async function endCall(store: Store, id: number, staff: string): Promise<void> {
  const { numAffectedRows } = await sql`update desk_call set ended_at = coalesce(ended_at, clock_timestamp()) where id = ${id} and staff = ${staff}`.execute(store.db());
  if (numAffectedRows === 0n) throw new CausewayError('not-found', `you have no call ${id}`);
}

/** Older ones say nothing of the load. */
export async function pruneCalls(store: Store): Promise<void> {
  await sql`delete from desk_call where id in (select id from desk_call where began_at < now() - interval '30 days' order by began_at limit 10000)`.execute(store.db());
}
