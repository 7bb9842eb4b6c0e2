/**
 * Reads and writes the ledger of one pair of mailboxes. Invariants: writes go through the claim's transactions, so a
 * former owner's change nothing; a row is added only after the target's tagged OK.
 */
import { sql } from 'kysely';
import type { Store, Tx } from '#store/index.ts';
import type { FlagSets } from '../lists/flag-sets.ts';
import { noteRead } from '../copy/collect.ts';
import { createLedgerListing, PRINT } from './ledger-list.ts';
import type { LedgerList } from './ledger-list.ts';
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

/** Rows of one answer: half a megabyte as it comes. */
const PAGE = 2_500;

/**
 * The rows of the present life of both mailboxes. The store packs them (`PACKED`, in ledger-list.ts): as rows of values
 * 20,000 of them took four times as long, while customers waited.
 */
export async function readLedger(store: Store, place: Place, sets: FlagSets): Promise<LedgerList> {
  const { rows: counted } = await sql<{ count: number }>`select count(*) as count from ledger where ${present(place)}`.execute(store.db());
  const listing = createLedgerListing(sets, counted[0]?.count ?? 0);
  for (let after = 0; ; ) {
    const { rows } = await sql<{ count: number; last: number; bytes: Buffer; lines: string }>`
      select count(*) as count, max(source_uid) as last,
        string_agg(int8send(source_uid) || int8send(target_uid) || int8send(internal_date) || int8send(size) || int8send(coalesce(target_size, -1))
          || boolsend(read_back) || fingerprint, ''::bytea order by source_uid) as bytes,
        string_agg(right(internal_date_text, 5) || ' ' || array_to_string(flags, ' '), E'\\n' order by source_uid) as lines
      from (select * from ledger where ${present(place)} and source_uid > ${after} order by source_uid limit ${PAGE}) as page`.execute(store.db());
    const { count, last, bytes, lines } = rows[0]!;
    if (count > 0) listing.addPacked(bytes, lines);
    // As it came, in the driver's buffer, which doubles until the row fits, as text and as bytes: more than V8 knows of.
    noteRead(11 * (bytes?.length ?? 0));
    if (count < PAGE) return listing.list();
    after = last;
  }
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

/**
 * Of one account's places, in one statement whose length does not depend on the number of rows: 1,000 rows take some 10 ms.
 * Columns are joined here: the driver makes a string of each element, which was a tenth of all garbage of a copy.
 */
export async function addRows(tx: Tx, groups: readonly { readonly place: Place; readonly rows: readonly LedgerRow[] }[]): Promise<void> {
  const rows = groups.flatMap((group) => group.rows);
  const [first] = groups;
  if (first === undefined || rows.length === 0) return;
  const column = (values: readonly (number | 'null')[]): string => `{${values.join(',')}}`;
  const numbers = (of: (row: LedgerRow) => number | 'null'): string => column(rows.map(of));
  const sets = new Map<string, number>();
  const setOf = ({ flags }: LedgerRow): number => {
    const words = flags.join(' ');
    const known = sets.get(words) ?? sets.size + 1;
    sets.set(words, known);
    return known;
  };
  const setNumbers = numbers(setOf);
  const places = JSON.stringify(groups.map(({ place }, at) => ({ ...place, at })));
  await sql`
    insert into ledger (account_id, source, target, mailbox, source_uidvalidity, target_mailbox, target_uidvalidity,
      source_uid, target_uid, fingerprint, internal_date, internal_date_text, flags, size, target_size, read_back)
    select ${first.place.accountId}, place.source, place.target, place.mailbox, place."sourceUidValidity",
      place."targetMailbox", place."targetUidValidity", source_uid, target_uid, substring(${Buffer.concat(rows.map((row) => row.fingerprint))}::bytea from (${PRINT} * (n - 1) + 1)::int for ${PRINT}),
      internal_date, internal_date_text, string_to_array((${[...sets.keys()]}::text[])[flags], ' '), size, target_size, read_back <> 0
    from unnest(${column(groups.flatMap((group, at) => group.rows.map(() => at)))}::int[], ${numbers((row) => row.sourceUid)}::bigint[], ${numbers((row) => row.targetUid)}::bigint[],
      ${numbers((row) => row.internalDate)}::bigint[], string_to_array(${rows.map((row) => row.internalDateText).join('\n')}, E'\\n'), ${setNumbers}::int[],
      ${numbers((row) => row.size)}::bigint[], ${numbers((row) => row.targetSize ?? 'null')}::bigint[], ${numbers((row) => Number(row.readBack))}::int[])
      with ordinality as new (at, source_uid, target_uid, internal_date, internal_date_text, flags, size, target_size, read_back, n)
    join jsonb_to_recordset(${places}::jsonb) as place(at int, source text, target text, mailbox text, "sourceUidValidity" bigint, "targetMailbox" text, "targetUidValidity" bigint)
      using (at)`.execute(tx.db());
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
