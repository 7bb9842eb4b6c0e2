/**
 * Who has heard of a change: each instance writes down how far it has read the change feed.
 *
 * Invariant: an instance counts as having heard of a change only when all that the change's transaction committed has
 * been applied in its memory. A number holds for one life of the server (see feed.ts).
 */
import { sql } from 'kysely';
import { LIFE } from '#store/feed.ts';
import type { Store, Tx } from '#store/index.ts';

/** The number of this transaction, for `confirmationsOf`. */
export async function changeNumber(tx: Tx): Promise<string> {
  const { rows } = await sql<{ xid: string }>`select pg_current_xact_id()::text as xid`.execute(tx.db());
  return rows[0]!.xid;
}

export type Confirmations = {
  /** The instances that act by the change. */
  readonly confirmed: readonly string[];
  /** `since`: when it last told how far it is; undefined when it never did. Until it tells more it may act as before. */
  readonly notYet: readonly { readonly instance: string; readonly since: Date | undefined }[];
};

/** @param change from the answer to a change @throws CausewayError('unavailable') */
export async function confirmationsOf(store: Store, change: string): Promise<Confirmations> {
  const { rows } = await sql<{ id: string; heard: boolean; at: Date | null }>`
    select i.id, p.at, coalesce(p.xid > ${change}::text::xid8 and p.life = ${LIFE}, false) as heard
    from instance i left join instance_progress p on p.instance = i.id
    order by i.id
  `.execute(store.db());
  return {
    confirmed: rows.filter(({ heard }) => heard).map(({ id }) => id),
    notYet: rows.filter(({ heard }) => !heard).map(({ id, at }) => ({ instance: id, since: at ?? undefined })),
  };
}

/** Notes that `instance` has applied all that was committed by transactions below `xid`. */
export async function noteProgress(store: Store, instance: string, { life, xid }: { life: string; xid: string }): Promise<void> {
  await sql`
    insert into instance_progress (instance, life, xid) values (${instance}, ${life}, ${xid}::text::xid8)
    on conflict (instance) do update set life = excluded.life, xid = excluded.xid, at = now()
  `.execute(store.db());
}
