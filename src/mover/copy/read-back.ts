/** Reads copies back from the target. Invariant: `read_back` is written only for bytes that had the source's fingerprint. */
import { expungeCopies } from './apply.ts';
import { alteredRemoved } from '../events.ts';
import { finalFailure } from '../failure.ts';
import { markRead, removeRows } from '../ledger/ledger.ts';
import type { Place } from '../ledger/ledger.ts';
import type { Unread } from '../lists/difference.ts';
import type { LedgerRow } from '../ledger/ledger-row.ts';
import { pieces, readPrints } from '../lists/listing.ts';
import type { ReadBack } from '../tables.ts';
import { subjectOf } from '../visit.ts';
import type { Visit } from '../visit.ts';

/** One in twenty: by the fingerprint, so that nobody chooses and each pass chooses the same. */
const SAMPLE = 256 / 20;

/** Whether a move with this order is to read this copy back. */
export function isChosen(order: ReadBack, { fingerprint }: Pick<LedgerRow, 'fingerprint'>): boolean {
  return order === 'all' || (order === 'sample' && fingerprint[0]! < SAMPLE);
}

/** @param rows whose copies have other bytes @returns the final failure `mismatch`, which names the first */
export function mismatchOf(place: Place, rows: readonly LedgerRow[]): Error {
  const [row] = rows;
  const more = rows.length === 1 ? '' : `; nor are ${rows.length - 1} more copies in this mailbox`;
  return finalFailure(
    'mismatch',
    `the target's copy of message ${row?.sourceUid} of "${place.mailbox}" (UID ${row?.targetUid} of "${place.targetMailbox}") is not what the source holds${more}`,
  );
}

/**
 * Takes copies with other bytes away again, and forgets them: when the target no longer alters what it is given, a new
 * move copies these messages as if they never had been. What may be the account's own is left: where the target is only
 * added to, and where the account lived there before and the copy is not known to be one that was made now.
 */
export async function removeAltered(visit: Visit, place: Place, rows: readonly LedgerRow[]): Promise<void> {
  const ours = visit.additive ? [] : rows.filter(({ readBack: isKnown }) => !isKnown || !visit.returning);
  if (ours.length === 0) return;
  await expungeCopies(visit, place, ours.map(({ targetUid }) => targetUid));
  await visit.claim.transaction((tx) => removeRows(tx, place, ours.map(({ sourceUid }) => sourceUid)));
  visit.emit(alteredRemoved, { ...subjectOf(visit), mailbox: place.mailbox, copies: ours.length });
}

/**
 * Reads copies back, all or those that the move's order wants, and compares their fingerprints with what the source gave.
 * @param unread in the order of the target's UIDs
 * @param toTheEnd whether the rest is read after one with other bytes, so that all such are taken away: nobody waits
 * @returns whether all were read
 * @throws the final failure `mismatch`
 */
export async function readBack(
  visit: Visit,
  place: Place,
  unread: Iterable<Unread>,
  toTheEnd = false,
): Promise<boolean> {
  const altered: LedgerRow[] = [];
  let complete = true;
  for (const piece of pieces(chosen(visit.move.read_back, unread))) {
    complete = !visit.spent() && (altered.length === 0 || toTheEnd);
    if (!complete) break;
    const prints = await readPrints(visit.target, piece);
    const fit = piece.filter(({ uid, row }) => prints.get(uid)?.fingerprint.equals(row.fingerprint));
    altered.push(...piece.filter(({ uid, row }) => prints.has(uid) && !prints.get(uid)!.fingerprint.equals(row.fingerprint)).map(({ row }) => row));
    await visit.claim.transaction((tx) =>
      markRead(tx, place, fit.map(({ row, targetSize }) => ({ sourceUid: row.sourceUid, targetSize }))),
    );
    visit.progressed();
    complete = fit.length === piece.length;
    if (!complete && altered.length === 0) break;
  }
  if (altered.length === 0) return complete;
  await removeAltered(visit, place, altered);
  throw mismatchOf(place, altered);
}

function* chosen(order: ReadBack, unread: Iterable<Unread>): Generator<Unread & { readonly uid: number; readonly size: number }> {
  for (const { row, targetSize } of unread) {
    if (isChosen(order, row)) yield { uid: row.targetUid, size: row.size, row, targetSize };
  }
}
