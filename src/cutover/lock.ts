import { sql } from 'kysely';
import type { Tx } from '#store/index.ts';

/** "plan" in ASCII: an advisory lock that no other program takes. */
const LOCK = 0x706c616e;

/** Whoever changes a plan or its waves waits here for whoever does, until its transaction ends. */
export async function lockPlans(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${LOCK})`.execute(tx.db());
}
