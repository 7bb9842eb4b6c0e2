/**
 * Reads and writes the ledger of one pair of mailboxes. Invariants: writes go through the claim's transactions, so a
 * former owner's change nothing; a row is added only after the target's tagged OK.
 */
import { sql } from 'kysely';
import type { Store, Tx } from '#store/index.ts';
import type { LedgerRow } from './ledger-row.ts';

/** A pair of mailboxes in one life of each. */
export type Place = {
  readonly accountId: number;
  readonly source: string;
  readonly target: string;
  readonly mailbox: string;
  readonly sourceUidValidity: number;
  readonly targetMailbox: string;
  readonly targetUidValidity: number;
};

const mine = (place: Place) => sql`account_id = ${place.accountId} and source = ${place.source}
  and target = ${place.target} and mailbox = ${place.mailbox}`;

const present = (place: Place) => sql`${mine(place)} and source_uidvalidity = ${place.sourceUidValidity}
  and target_mailbox = ${place.targetMailbox} and target_uidvalidity = ${place.targetUidValidity}`;

/** The rows of the present life of both mailboxes. */
export async function readLedger(store: Store, place: Place): Promise<LedgerRow[]> {
  const { rows } = await sql<LedgerRow>`
    select source_uid as "sourceUid", target_uid as "targetUid", fingerprint, internal_date as "internalDate",
      internal_date_text as "internalDateText", flags, size, target_size as "targetSize", read_back as "readBack"
    from ledger where ${present(place)}`.execute(store.db());
  return rows;
}

/** Deletes rows of earlier lives: their UIDs name nothing any more (RFC 3501 2.3.1.1). */
export async function dropEarlierLives(tx: Tx, place: Place): Promise<void> {
  await sql`delete from ledger where ${mine(place)} and not (source_uidvalidity = ${place.sourceUidValidity}
    and target_mailbox = ${place.targetMailbox} and target_uidvalidity = ${place.targetUidValidity})`.execute(tx.db());
}

/** Deletes rows of earlier lives at the source alone: what they say of messages that are still there stays known. */
export async function dropEarlierSourceLives(tx: Tx, place: Place): Promise<void> {
  await sql`delete from ledger where ${mine(place)} and source_uidvalidity <> ${place.sourceUidValidity}`.execute(tx.db());
}

/** UIDs of messages at the source that had a copy in a mailbox of the target which is gone, or in an earlier life of it. */
export async function carriedElsewhere(store: Store, place: Place): Promise<Set<number>> {
  const { rows } = await sql<{ uid: number }>`select source_uid as uid from ledger
    where ${mine(place)} and source_uidvalidity = ${place.sourceUidValidity}
      and not (target_mailbox = ${place.targetMailbox} and target_uidvalidity = ${place.targetUidValidity})`.execute(store.db());
  return new Set(rows.map(({ uid }) => uid));
}

/** Deletes the rows of mailboxes that the source no longer has. */
export async function dropMailboxes(
  tx: Tx,
  of: { readonly accountId: number; readonly source: string; readonly target: string },
  kept: readonly string[],
): Promise<void> {
  await sql`delete from ledger where account_id = ${of.accountId} and source = ${of.source} and target = ${of.target}
    and not (mailbox = any(${[...kept]}::text[]))`.execute(tx.db());
}

/** In one statement whose length does not depend on the number of rows: 1,000 rows take some 10 ms. */
export async function addRows(tx: Tx, place: Place, rows: readonly LedgerRow[]): Promise<void> {
  if (rows.length === 0) return;
  const all = <T>(of: (row: LedgerRow) => T): T[] => rows.map(of);
  await sql`
    insert into ledger (account_id, source, target, mailbox, source_uidvalidity, target_mailbox, target_uidvalidity,
      source_uid, target_uid, fingerprint, internal_date, internal_date_text, flags, size, target_size, read_back)
    select ${place.accountId}, ${place.source}, ${place.target}, ${place.mailbox}, ${place.sourceUidValidity},
      ${place.targetMailbox}, ${place.targetUidValidity}, source_uid, target_uid, decode(fingerprint, 'hex'),
      internal_date, internal_date_text, string_to_array(flags, ' '), size, target_size, read_back
    from unnest(${all((row) => row.sourceUid)}::bigint[], ${all((row) => row.targetUid)}::bigint[],
      ${all((row) => row.fingerprint.toString('hex'))}::text[], ${all((row) => row.internalDate)}::bigint[],
      ${all((row) => row.internalDateText)}::text[], ${all((row) => row.flags.join(' '))}::text[],
      ${all((row) => row.size)}::bigint[], ${all((row) => row.targetSize)}::bigint[], ${all((row) => row.readBack)}::boolean[])
      as new (source_uid, target_uid, fingerprint, internal_date, internal_date_text, flags, size, target_size, read_back)`.execute(tx.db());
}

export async function removeRows(tx: Tx, place: Place, sourceUids: readonly number[]): Promise<void> {
  if (sourceUids.length === 0) return;
  await sql`delete from ledger where ${present(place)} and source_uid = any(${[...sourceUids]}::bigint[])`.execute(tx.db());
}

/** Remembers the flags that were set on copies. */
export async function setFlags(tx: Tx, place: Place, changes: readonly { sourceUid: number; flags: readonly string[] }[]): Promise<void> {
  if (changes.length === 0) return;
  await sql`update ledger set flags = change.flags
    from jsonb_to_recordset(${JSON.stringify(changes)}::jsonb) as change("sourceUid" bigint, flags text[])
    where ${present(place)} and source_uid = change."sourceUid"`.execute(tx.db());
}

/** Remembers copies whose bytes were read back and fit. */
export async function markRead(tx: Tx, place: Place, read: readonly { sourceUid: number; targetSize: number }[]): Promise<void> {
  if (read.length === 0) return;
  await sql`update ledger set read_back = true, target_size = seen."targetSize"
    from jsonb_to_recordset(${JSON.stringify(read)}::jsonb) as seen("sourceUid" bigint, "targetSize" bigint)
    where ${present(place)} and source_uid = seen."sourceUid"`.execute(tx.db());
}
