import { sql } from 'kysely';
import type { Tx } from '#store/index.ts';
import type { HashOrigin } from '../account.ts';
import type { DirectoryTables } from '../tables.ts';

/** Writes the account's hash, in the place of any other. For those who hold the account's row. */
export async function putHash(tx: Tx, accountId: number, origin: HashOrigin, hash: string): Promise<void> {
  await tx
    .db<DirectoryTables>()
    .insertInto('secret_hash')
    .values({ account_id: accountId, origin, hash })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet({ origin, hash, at: sql`now()` }))
    .execute();
}
