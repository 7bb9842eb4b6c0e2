/**
 * Settles copies at the target that the ledger does not know: the traces of a lost answer, of a lost ledger batch, of
 * an earlier move, or mail that is not the account's.
 *
 * Invariants: recognition is by multiset of (fingerprint, internal date): with two equal messages at the source two
 * equal copies are kept, the third is surplus. A copy is adopted only when its own bytes were read, and is surplus only
 * when every message at the source that could be it was read or is taken. The target is not yet home, so what is
 * surplus there is expunged, unless the visit is additive. Nothing is appended before this is done.
 */
import { addRows } from './ledger.ts';
import type { Place } from './ledger.ts';
import type { LedgerRow, Listed } from './ledger-row.ts';
import { orphansSettled } from './events.ts';
import { expungeCopies } from './apply.ts';
import { pieces, readPrints } from './listing.ts';
import type { Print } from './listing.ts';
import { subjectOf } from './visit.ts';
import type { Visit } from './visit.ts';

export type Recovered = {
  readonly adopted: readonly LedgerRow[];
  readonly surplus: number;
  /** False when time ran out: then nothing may be appended yet. */
  readonly complete: boolean;
};

/** @param unpaired messages of the source without a copy in the ledger */
export async function recoverOrphans(
  visit: Visit,
  place: Place,
  orphans: readonly Listed[],
  unpaired: readonly Listed[],
): Promise<Recovered> {
  const adopted: LedgerRow[] = [];
  let surplus = 0;
  let complete = true;
  if (orphans.length === 0) return { adopted, surplus, complete };
  const originals = byDate(unpaired);
  const known = new Map<number, Print>();

  for (const piece of pieces(orphans)) {
    if (visit.spent()) {
      complete = false;
      break;
    }
    const prints = await readPrints(visit.target, piece.filter(({ internalDate }) => originals.has(internalDate)));
    await readOriginals(visit, piece, originals, known);
    const rows: LedgerRow[] = [];
    const extra: number[] = [];
    for (const orphan of piece) {
      const print = prints.get(orphan.uid);
      const candidates = originals.get(orphan.internalDate) ?? [];
      const at = print === undefined ? -1 : candidates.findIndex(({ uid }) => known.get(uid)?.fingerprint.equals(print.fingerprint));
      const original = candidates[at];
      if (original === undefined || print === undefined) {
        extra.push(orphan.uid);
        continue;
      }
      candidates.splice(at, 1);
      rows.push({
        sourceUid: original.uid,
        targetUid: orphan.uid,
        fingerprint: print.fingerprint,
        internalDate: original.internalDate,
        internalDateText: original.internalDateText,
        flags: orphan.flags,
        size: print.size,
        targetSize: orphan.size,
        readBack: true,
      });
    }
    if (rows.length > 0) await visit.claim.transaction((tx) => addRows(tx, place, rows));
    if (!visit.additive) await expungeCopies(visit, extra);
    adopted.push(...rows);
    surplus += extra.length;
    visit.progressed();
  }
  if (!visit.additive || adopted.length > 0) visit.emit(orphansSettled, { ...subjectOf(visit), mailbox: place.mailbox, adopted: adopted.length, surplus });
  return { adopted, surplus, complete };
}

function byDate(messages: readonly Listed[]): Map<number, Listed[]> {
  const dates = new Map<number, Listed[]>();
  for (const message of messages) {
    const same = dates.get(message.internalDate);
    if (same === undefined) dates.set(message.internalDate, [message]);
    else same.push(message);
  }
  return dates;
}

/** Fingerprints the messages of the source that an orphan of this piece may be. */
async function readOriginals(
  visit: Visit,
  orphans: readonly Listed[],
  originals: ReadonlyMap<number, Listed[]>,
  known: Map<number, Print>,
): Promise<void> {
  const dates = new Set(orphans.map(({ internalDate }) => internalDate));
  const wanted = [...dates].flatMap((date) => originals.get(date) ?? []).filter(({ uid }) => !known.has(uid));
  for (const piece of pieces(wanted.sort((a, b) => a.uid - b.uid))) {
    for (const [uid, print] of await readPrints(visit.source, piece)) known.set(uid, print);
  }
}
