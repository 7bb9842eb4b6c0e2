import { sql } from 'kysely';
import type { Generated } from 'kysely';
import type { Tx } from './transaction.ts';

/** The channel that is notified when a transaction with changes commits. */
export const CHANGE_CHANNEL = 'change';

export type ChangeTables = {
  change: { id: Generated<number>; xid: Generated<string>; topic: string; key: number; at: Generated<Date> };
};

/**
 * Tells every feed that what `topic` and `key` name has changed, when and if `tx` commits. The change says which row,
 * never what became of it: who hears of it reads the row.
 */
export async function recordChange(tx: Tx, topic: string, key: number): Promise<void> {
  await recordChanges(tx, topic, [key]);
}

/** The same for many keys, as one statement. */
export async function recordChanges(tx: Tx, topic: string, keys: readonly number[]): Promise<void> {
  if (keys.length === 0) return;
  // PostgreSQL sends equal notifications of one transaction once.
  await sql`with told as (insert into change (topic, key) select ${topic}, key from unnest(${keys}::bigint[]) as changed (key))
    select pg_notify(${CHANGE_CHANNEL}, '')`.execute(tx.db());
}
