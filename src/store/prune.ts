import { sql } from 'kysely';
import type { Store } from './open.ts';

/** Rows that a statement drops: a fraction of its five seconds. */
const BATCH = 10_000;
/** A feed that was away for half of this begins anew, and no gate looks further back. */
const KEPT = '1 day';

/** Drops changes and figures older than a day. Safe in several processes at once. */
export async function prune(store: Store): Promise<void> {
  await dropOlder(store, 'change', 'at', KEPT);
  await dropOlder(store, 'figure', 'bucket', KEPT);
}

/** Drops rows of `table` whose `column` is longer ago than `kept`, an interval of PostgreSQL's. Safe in several processes at once. */
export async function dropOlder(store: Store, table: string, column: string, kept: string): Promise<void> {
  for (;;) {
    const { numAffectedRows } = await sql`
      delete from ${sql.table(table)} where ctid = any(array(
        select ctid from ${sql.table(table)} where ${sql.ref(column)} < now() - ${kept}::interval
        limit ${BATCH} for update skip locked))`.execute(store.db());
    if ((numAffectedRows ?? 0n) < BigInt(BATCH)) return;
  }
}
