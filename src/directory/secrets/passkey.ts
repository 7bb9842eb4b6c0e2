/**
 * Passkeys: public keys by which an account's owner signs in to the portal without the secret (WebAuthn Level 3).
 *
 * Invariants: what is kept is public. Instances judge by it from memory (the mirror has it), with store and platforms
 * dead; one that was removed is gone from there by the change feed. A change of the secret ends no passkey: its owner
 * sees them all, and removes what is not hers.
 */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { audit, recordChange, type Store, type Tx } from '#store/index.ts';
import { ACCOUNT_TOPIC } from '../topic.ts';
import type { DirectoryTables } from '../tables.ts';
import { lockStanding } from './change.ts';
import type { By } from './facts.ts';
import { labelOf } from './label.ts';

/** More devices and key rings than anybody has; each is 200 bytes in every instance's memory. */
export const MOST_PASSKEYS = 20;

export type NewPasskey = {
  /** The credential's id, in base64url. */
  readonly id: string;
  readonly publicKey: Uint8Array;
  /** By which ways a browser reaches it: `internal`, `hybrid`, `usb`… */
  readonly transports: readonly string[];
  /** Its owner's word for it. */
  readonly name: string;
  /** It is kept by a service and may be on several devices. */
  readonly synced: boolean;
};

export type ListedPasskey = {
  readonly id: string;
  readonly name: string;
  readonly transports: readonly string[];
  readonly synced: boolean;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
};

/**
 * @throws CausewayError('input') for a name that is none; CausewayError('limit'); CausewayError('conflict') when it is
 *   there already, or the account is closed
 */
export async function addPasskey(tx: Tx, accountId: number, { id, publicKey, transports, name, synced }: NewPasskey, by: By): Promise<void> {
  const label = labelOf(name);
  const { address, state } = await lockStanding(tx, accountId);
  if (state === 'closed') throw new CausewayError('conflict', `the account ${address} is closed`, { place: address });
  const before = await listPasskeys(tx, accountId);
  if (before.length >= MOST_PASSKEYS) {
    throw new CausewayError('limit', `the account has ${before.length} passkeys`, { place: address, customerText: `There are ${before.length} passkeys, which is all there can be. Please remove one first.` });
  }
  const { numInsertedOrUpdatedRows } = await tx
    .db<DirectoryTables>()
    .insertInto('passkey')
    .values({ id, account_id: accountId, public_key: Buffer.from(publicKey), transports: sql<string[]>`${[...transports]}::text[]`, name: label, synced, last_used_at: null })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows === 0n) throw new CausewayError('conflict', 'this passkey is registered already', { place: address, customerText: 'This passkey is registered already.' });
  await audit(tx, { actor: by.actor, act: 'account.passkey-added', subject: `account:${accountId}`, why: by.why, detail: { passkey: id } });
  await recordChange(tx, ACCOUNT_TOPIC, accountId);
}

/** @throws CausewayError('input') for a name that is none; CausewayError('not-found') */
export async function renamePasskey(tx: Tx, accountId: number, id: string, name: string, by: By): Promise<void> {
  const { numUpdatedRows } = await tx.db<DirectoryTables>().updateTable('passkey').set({ name: labelOf(name) }).where('id', '=', id).where('account_id', '=', accountId).executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) throw gone();
  await audit(tx, { actor: by.actor, act: 'account.passkey-renamed', subject: `account:${accountId}`, why: by.why, detail: { passkey: id } });
}

/** @throws CausewayError('not-found') */
export async function removePasskey(tx: Tx, accountId: number, id: string, by: By): Promise<void> {
  const { numDeletedRows } = await tx.db<DirectoryTables>().deleteFrom('passkey').where('id', '=', id).where('account_id', '=', accountId).executeTakeFirstOrThrow();
  if (numDeletedRows === 0n) throw gone();
  await audit(tx, { actor: by.actor, act: 'account.passkey-removed', subject: `account:${accountId}`, why: by.why, detail: { passkey: id } });
  await recordChange(tx, ACCOUNT_TOPIC, accountId);
}

/** The latest first. */
export function listPasskeys(reader: Store | Tx, accountId: number): Promise<ListedPasskey[]> {
  return reader
    .db<DirectoryTables>()
    .selectFrom('passkey')
    .select(['id', 'name', 'transports', 'synced', 'created_at as createdAt', 'last_used_at as lastUsedAt'])
    .where('account_id', '=', accountId)
    .orderBy('created_at', 'desc')
    .execute();
}

/** For people to see: nothing is decided by it. */
export async function notePasskeyUse(store: Store, id: string, at: Date): Promise<void> {
  await store.db<DirectoryTables>().updateTable('passkey').set({ last_used_at: at }).where('id', '=', id).execute();
}

function gone(): CausewayError {
  return new CausewayError('not-found', 'the account has no such passkey', { customerText: 'This passkey is gone already.' });
}
