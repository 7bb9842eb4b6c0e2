/**
 * Makes out who is to be told of which update.
 *
 * Invariants: each public update is made out once, to those who were subscribed then, in the transaction that notes it; a
 * row a channel and update, so nobody can be told twice by two processes. Who subscribes later is told of what comes later.
 * Any number of instances may try.
 */
import { sql } from 'kysely';
import type { Store } from '#store/index.ts';

/** "fano" in ASCII. */
const LOCK = 0x66616e6f;
/** Older ones are no news: on a first start nobody is told of the past. */
const NEWS = '1 day';
/** Kept so long, for questions; an update is never made out again, whatever is deleted here. */
const KEPT = '180 days';

/** @param webhooks their names @returns how many deliveries were made out @throws as the store does */
export async function fanOut(store: Store, webhooks: readonly string[]): Promise<number> {
  return store.transaction(async (tx) => {
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(tx.db());
    const { rows } = await sql<{ id: number; public: boolean; news: boolean }>`
      select u.id, i.public, u.at > now() - ${NEWS}::interval as news from incident_update u join declared_incident i on i.id = u.incident_id
      where u.id > coalesce((select update_id from status_fanned), 0) order by u.id limit 200`.execute(tx.db());
    const last = rows.at(-1);
    if (last === undefined) return 0;
    const ids = rows.filter((row) => row.public && row.news).map(({ id }) => id);
    const { numAffectedRows } = await sql`
      insert into status_delivery (channel, update_id, subscriber_id)
      select 'mail:' || s.id, u.id, s.id from incident_update u join declared_incident i on i.id = u.incident_id
        join status_subscriber s on s.confirmed_at <= u.at and (s.components = '{}' or s.components && i.components)
        where u.id = any(${ids}::bigint[])
      union all
      select 'webhook:' || name, u.id, null from incident_update u cross join unnest(${[...webhooks]}::text[]) as hook (name) where u.id = any(${ids}::bigint[])
      on conflict do nothing`.execute(tx.db());
    await sql`insert into status_fanned (update_id) values (${last.id}) on conflict (one) do update set update_id = excluded.update_id`.execute(tx.db());
    await sql`delete from status_delivery where ended_at < now() - ${KEPT}::interval`.execute(tx.db());
    await sql`delete from status_end where made_at < now() - ${KEPT}::interval * 2`.execute(tx.db());
    return Number(numAffectedRows ?? 0n);
  });
}
