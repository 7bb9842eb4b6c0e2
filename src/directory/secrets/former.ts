/**
 * The secrets that an account had before: a device that still has one never counts as a guesser. Invariant: at most two
 * an account, the latest; hashes only.
 */
import { sql } from 'kysely';
import type { Tx } from '#store/index.ts';
import type { DirectoryTables } from '../tables.ts';

/** Active Directory's "N-2" rule: whoever changed a secret twice in a hurry still has a phone with the first. */
export const FORMER = 2;

/** More devices than any customer has; each is 100 bytes in every instance's memory. */
export const MOST_APP_PASSWORDS = 25;

/** A device that was away for longer counts as one wrong secret, which locks nothing. */
export const REVOKED_KEPT = '30 days';

/** The account's present hash, if there is one, becomes one of before. */
export async function rememberFormer(tx: Tx, accountId: number): Promise<void> {
  const db = tx.db<DirectoryTables>();
  await sql`
    insert into former_hash (account_id, hash)
    select h.account_id, h.hash from secret_hash h
    where h.account_id = ${accountId} and not exists (
      select from former_hash f where f.account_id = h.account_id and f.hash = h.hash)
  `.execute(db);
  await sql`
    delete from former_hash where account_id = ${accountId} and id not in (
      select id from former_hash where account_id = ${accountId} order by id desc limit ${FORMER})
  `.execute(db);
}
