/**
 * Writes accounts. Invariants: each write is in the caller's transaction, records the change, and where a person acts
 * the audit row too. No secret in clear is ever written: hashes only.
 */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { audit, isUniqueViolation, recordChange } from '#store/index.ts';
import type { Tx } from '#store/index.ts';
import { OURS } from './account.ts';
import type { AccountState, Hash } from './account.ts';
import { canonical } from './names.ts';
import { createRoutes } from './route/phases.ts';
import { type Customer, writeCustomers } from './customer.ts';
import type { By } from './secrets/facts.ts';
import { putHash } from './secrets/hash.ts';
import { rememberFormer } from './secrets/former.ts';
import type { DirectoryTables } from './tables.ts';
import { ACCOUNT_TOPIC, ALL_ACCOUNTS } from './topic.ts';

export type NewAccount = {
  readonly address: string;
  /** The home: a platform's name. */
  readonly home: string;
  /** `ours` or a platform's name. */
  readonly authority: string;
  readonly state?: AccountState;
  readonly hash?: Hash;
  /** Absent: the address. */
  readonly loginNames?: readonly string[];
  /** Absent: the address. */
  readonly recipients?: readonly string[];
  /** Absent: nothing is known. */
  readonly customer?: Customer;
};

/** Accounts in one statement: 28,000 accounts take a few seconds, and a statement stays far below its time-out. */
const BATCH = 2_000;

/** @returns the new account's id @throws CausewayError('conflict') when one of its names is taken */
export async function createAccount(tx: Tx, account: NewAccount, by: By): Promise<number> {
  const [id] = await insertAccounts(tx, [account]);
  if (id === undefined) throw new CausewayError('internal', 'the store returned no id for a new account');
  await audit(tx, { actor: by.actor, act: 'account.created', subject: `account:${id}`, why: by.why, detail: { address: account.address } });
  await recordChange(tx, ACCOUNT_TOPIC, id);
  return id;
}

/**
 * Creates accounts in batches.
 * @returns their ids, in the order given
 * @throws CausewayError('conflict') when one of their names is taken
 */
export async function createAccounts(
  tx: Tx,
  accounts: readonly NewAccount[],
  by: By & { source?: string },
): Promise<number[]> {
  if (accounts.length === 0) return [];
  const ids: number[] = [];
  for (let start = 0; start < accounts.length; start += BATCH) {
    ids.push(...(await insertAccounts(tx, accounts.slice(start, start + BATCH))));
  }
  const detail = { accounts: ids.length, ...(by.source === undefined ? {} : { source: by.source }) };
  await audit(tx, { actor: by.actor, act: 'accounts.imported', subject: 'directory', why: by.why, detail });
  await recordChange(tx, ACCOUNT_TOPIC, ALL_ACCOUNTS);
  return ids;
}

async function insertAccounts(tx: Tx, accounts: readonly NewAccount[]): Promise<number[]> {
  const db = tx.db<DirectoryTables>();
  const addresses = accounts.map(({ address }) => canonical(address));
  try {
    const { rows } = await sql<{ id: number; address: string }>`
      insert into account (address, state, authority)
      select * from unnest(
        ${addresses}::text[],
        ${accounts.map(({ state }) => state ?? 'active')}::text[],
        ${accounts.map(({ authority }) => authority)}::text[])
      returning id, address
    `.execute(db);
    const idOf = new Map(rows.map(({ id, address }) => [address, id]));
    const ids = addresses.map((address) => idOf.get(address) ?? fail(address));
    const named = (names: (account: NewAccount) => readonly string[] | undefined): [number, string][] =>
      accounts.flatMap((account, index) => {
        const list = names(account) ?? [account.address];
        return [...new Set(list.map(canonical))].map((name): [number, string] => [ids[index]!, name]);
      });
    await insertNames(tx, 'login_name (account_id, name)', named(({ loginNames }) => loginNames));
    await insertNames(tx, 'recipient (account_id, address)', named(({ recipients }) => recipients));
    const hashed = accounts.flatMap(({ hash }, index) => (hash === undefined ? [] : [{ id: ids[index]!, hash }]));
    await sql`
      insert into secret_hash (account_id, origin, hash)
      select * from unnest(
        ${hashed.map(({ id }) => id)}::bigint[],
        ${hashed.map(({ hash }) => hash.origin)}::text[],
        ${hashed.map(({ hash }) => hash.encoded)}::text[])
    `.execute(db);
    await writeCustomers(tx, accounts.flatMap(({ customer }, index) => (customer === undefined ? [] : [{ accountId: ids[index]!, customer }])));
    await createRoutes(tx, accounts.map(({ home }, index) => ({ id: ids[index]!, home })));
    return ids;
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    // PostgreSQL's detail names the value: 'Key (name)=(a@example.org) already exists.'
    const detail = error instanceof Error && 'detail' in error ? String(error.detail) : '';
    const name = /\)=\((.*)\) already exists/.exec(detail)?.[1] ?? 'a name';
    throw new CausewayError('conflict', `${name} belongs to an account already`, { place: name, cause: error });
  }
}

async function insertNames(tx: Tx, table: string, names: readonly [number, string][]): Promise<void> {
  await sql`
    insert into ${sql.raw(table)}
    select * from unnest(${names.map(([id]) => id)}::bigint[], ${names.map(([, name]) => name)}::text[])
  `.execute(tx.db());
}

function fail(address: string): never {
  throw new CausewayError('internal', `the store returned no id for ${address}`);
}

/** An operator's change of state. @returns false when there is no such account or it has that state */
export async function setState(
  tx: Tx,
  accountId: number,
  state: AccountState,
  by: By,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .db<DirectoryTables>()
    .updateTable('account')
    .set({ state })
    .where('id', '=', accountId)
    .where('state', '<>', state)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) return false;
  await audit(tx, { actor: by.actor, act: 'account.state-set', subject: `account:${accountId}`, why: by.why, detail: { state } });
  await recordChange(tx, ACCOUNT_TOPIC, accountId);
  return true;
}

/**
 * Keeps a hash of the account's secret, in the place of any other. A `captured` one is of a secret that the platform
 * accepted when it did not match what we held: that becomes a secret of before. It is kept only while the authority is
 * a platform's: one that has been handed over meanwhile has the last word on its own hash.
 * @param version the credential version under which the secret was judged: when the account's is another by now, the
 *   secret may be an old one, and nothing is written
 * @returns whether it was written
 */
export async function setHash(tx: Tx, accountId: number, hash: Hash, version?: number): Promise<boolean> {
  if (!(await lockVersion(tx, accountId, version, hash.origin === 'captured'))) return false;
  if (hash.origin === 'captured') await rememberFormer(tx, accountId);
  await putHash(tx, accountId, hash.origin, hash.encoded);
  await recordChange(tx, ACCOUNT_TOPIC, accountId);
  return true;
}

/**
 * A platform that has the account's authority refused a secret that we held as good: ends what was accepted before,
 * once for all who saw it, and with `hashMatched` the hash too, which becomes one of before.
 * @returns false when the version has moved on, or the authority has gone from the platforms
 */
export async function dropHeld(tx: Tx, accountId: number, version: number, hashMatched: boolean): Promise<boolean> {
  if (!(await lockVersion(tx, accountId, version, true))) return false;
  if (hashMatched) {
    await rememberFormer(tx, accountId);
    await tx.db<DirectoryTables>().deleteFrom('secret_hash').where('account_id', '=', accountId).execute();
  }
  await bumpCredentialVersion(tx, accountId, version);
  return true;
}

/** Locks the account. @param platforms only while the authority is a platform's */
async function lockVersion(tx: Tx, accountId: number, version: number | undefined, platforms: boolean): Promise<boolean> {
  const row = await tx
    .db<DirectoryTables>()
    .selectFrom('account')
    .select(['credential_version', 'authority'])
    .where('id', '=', accountId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  return row !== undefined && (version === undefined || row.credential_version === version) && !(platforms && row.authority === OURS);
}

/**
 * Ends all that was accepted before: digests are keyed by the version.
 * @param version raises it only from this one, so that many who saw the same refusal raise it once
 * @returns the new version, or undefined when it was not raised
 */
export async function bumpCredentialVersion(tx: Tx, accountId: number, version?: number): Promise<number | undefined> {
  const row = await tx
    .db<DirectoryTables>()
    .updateTable('account')
    .set((eb) => ({ credential_version: eb('credential_version', '+', 1) }))
    .where('id', '=', accountId)
    .$if(version !== undefined, (query) => query.where('credential_version', '=', version!))
    .returning('credential_version')
    .executeTakeFirst();
  if (row === undefined) return undefined;
  await recordChange(tx, ACCOUNT_TOPIC, accountId);
  return row.credential_version;
}
