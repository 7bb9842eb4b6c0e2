/**
 * What the platforms have to be told, written in the transaction of the change itself. Invariant: no secret in clear.
 */
import type { Tx } from '#store/index.ts';
import type { DirectoryTables } from '../tables.ts';
import type { OutboxAct } from './act.ts';

export type Told = { readonly platform: string; readonly sealed?: Buffer | undefined; readonly detail: Readonly<Record<string, unknown>> };

/** One row a platform. */
export async function tellPlatforms(tx: Tx, accountId: number, act: OutboxAct, told: readonly Told[]): Promise<void> {
  if (told.length === 0) return;
  await tx
    .db<DirectoryTables>()
    .insertInto('outbox')
    .values(told.map(({ platform, detail, sealed }) => ({ account_id: accountId, platform, act, detail: JSON.stringify(detail), sealed: sealed ?? null })))
    .execute();
}
