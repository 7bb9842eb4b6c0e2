/** Reads copies back from the target. Invariant: `read_back` is written only for bytes that had the source's fingerprint. */
import { finalFailure } from './failure.ts';
import { markRead } from './ledger.ts';
import type { Place } from './ledger.ts';
import type { LedgerRow } from './ledger-row.ts';
import { pieces, readPrints } from './listing.ts';
import type { ReadBack } from './tables.ts';
import type { Visit } from './visit.ts';

/** One in twenty: by the fingerprint, so that nobody chooses and each pass chooses the same. */
const SAMPLE = 256 / 20;

/** Whether a move with this order is to read this copy back. */
export function isChosen(order: ReadBack, { fingerprint }: Pick<LedgerRow, 'fingerprint'>): boolean {
  return order === 'all' || (order === 'sample' && fingerprint[0]! < SAMPLE);
}

export function mismatchOf(place: Place, row: LedgerRow): Error {
  return finalFailure(
    'mismatch',
    `the target's copy of message ${row.sourceUid} of "${place.mailbox}" (UID ${row.targetUid} of "${place.targetMailbox}") is not what the source holds`,
  );
}

/**
 * Reads copies back, all or those that the move's order wants, and compares their fingerprints with what the source gave.
 * @returns whether all were read
 * @throws the final failure `mismatch`
 */
export async function readBack(
  visit: Visit,
  place: Place,
  unread: readonly { readonly row: LedgerRow; readonly targetSize: number }[],
): Promise<boolean> {
  const copies = unread
    .filter(({ row }) => isChosen(visit.move.read_back, row))
    .map(({ row, targetSize }) => ({ uid: row.targetUid, size: row.size, row, targetSize }))
    .sort((a, b) => a.uid - b.uid);
  for (const piece of pieces(copies)) {
    if (visit.spent()) return false;
    const prints = await readPrints(visit.target, piece);
    const fit = piece.filter(({ uid, row }) => prints.get(uid)?.fingerprint.equals(row.fingerprint));
    const wrong = piece.find(({ uid, row }) => prints.has(uid) && !prints.get(uid)!.fingerprint.equals(row.fingerprint));
    if (wrong !== undefined) throw mismatchOf(place, wrong.row);
    await visit.claim.transaction((tx) =>
      markRead(tx, place, fit.map(({ row, targetSize }) => ({ sourceUid: row.sourceUid, targetSize }))),
    );
    visit.progressed();
    if (fit.length < piece.length) return false;
  }
  return true;
}
