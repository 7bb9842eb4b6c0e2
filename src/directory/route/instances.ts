/**
 * The list of instances: each one on it must answer in each round of each hold.
 *
 * Invariants: an instance is listed before it reads the routes that it will serve, and serves nobody before it has
 * read them. It leaves by a clean stop, after its last session and delivery ended and after its local file says so,
 * or by an operator's evict, after its addresses were cut off. A crash leaves it listed: holds are cancelled by its
 * silence until it is back.
 */
import { sql } from 'kysely';
import { audit, recordChange } from '#store/index.ts';
import type { Store, Tx } from '#store/index.ts';
import type { DirectoryTables } from '../tables.ts';

/** The change feed's topic for the list; its key is always 0. */
export const INSTANCE_TOPIC = 'instance';

export type Instance = { readonly id: string; readonly listedAt: Date };

/**
 * Puts `instance` on the list. `boot` is made anew by each start: what an earlier life still does no longer counts.
 * @returns the life that was on the list until now, if any; nobody can evict it before `tx` ends
 */
export async function joinInstance(tx: Tx, instance: string, boot: string): Promise<string | undefined> {
  const db = tx.db<DirectoryTables>();
  const before = await db.selectFrom('instance').select('boot').where('id', '=', instance).forUpdate().executeTakeFirst();
  await db
    .insertInto('instance')
    .values({ id: instance, boot })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ boot, listed_at: sql`now()` }))
    .execute();
  await recordChange(tx, INSTANCE_TOPIC, 0);
  return before?.boot;
}

/** Takes an instance that stopped cleanly off the list. @returns false when that life of it was not on it */
export async function leaveInstance(tx: Tx, instance: string, boot: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .db<DirectoryTables>()
    .deleteFrom('instance')
    .where('id', '=', instance)
    .where('boot', '=', boot)
    .executeTakeFirstOrThrow();
  if (numDeletedRows === 0n) return false;
  await recordChange(tx, INSTANCE_TOPIC, 0);
  return true;
}

/**
 * Takes an instance off the list by an operator's word: its addresses must be cut off first, since holds then no
 * longer wait for it. @returns false when it was not on the list
 */
export async function evictInstance(tx: Tx, instance: string, by: { actor: string; why: string }): Promise<boolean> {
  const { numDeletedRows } = await tx
    .db<DirectoryTables>()
    .deleteFrom('instance')
    .where('id', '=', instance)
    .executeTakeFirstOrThrow();
  if (numDeletedRows === 0n) return false;
  await audit(tx, { actor: by.actor, act: 'instance.evicted', subject: `instance:${instance}`, why: by.why });
  await recordChange(tx, INSTANCE_TOPIC, 0);
  return true;
}

export async function listInstances(store: Store): Promise<Instance[]> {
  const rows = await store.db<DirectoryTables>().selectFrom('instance').select(['id', 'listed_at']).orderBy('id').execute();
  return rows.map((row) => ({ id: row.id, listedAt: row.listed_at }));
}

/** The life of `instance` that is on the list, or undefined. */
export async function listedBoot(store: Store, instance: string): Promise<string | undefined> {
  const row = await store
    .db<DirectoryTables>()
    .selectFrom('instance')
    .select('boot')
    .where('id', '=', instance)
    .executeTakeFirst();
  return row?.boot;
}
