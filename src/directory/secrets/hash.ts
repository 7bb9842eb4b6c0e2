import { sql } from 'kysely';
import type { Store, Tx } from '#store/index.ts';
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

/** Notes when platforms last accepted the secrets that the accounts' hashes are of: `secret_hash.at`. */
export async function noteHashProven(store: Store, proven: ReadonlyMap<number, Date>): Promise<void> {
  await sql`
    update secret_hash h set at = greatest(h.at, p.at)
    from unnest(${[...proven.keys()]}::bigint[], ${[...proven.values()]}::timestamptz[]) as p (id, at)
    where h.account_id = p.id
  `.execute(store.db());
}
