/**
 * Settles copies at the target that the ledger does not know: the traces of a lost answer, of a lost ledger batch, of
 * an earlier move, or mail that is not the account's.
 *
 * Invariants: recognition is by multiset of (fingerprint, internal date): with two equal messages at the source two
 * equal copies are kept, the third is surplus. A copy is adopted only when its own bytes were read, and is surplus only
 * when every message at the source that could be it was read or is taken. The target is not yet home, so what is
 * surplus there is expunged, unless the visit is additive. Nothing is appended before this is done.
 */
import { addRows } from '../ledger/ledger.ts';
import type { Place } from '../ledger/ledger.ts';
import type { FlagChange } from '../lists/difference.ts';
import { sameFlags } from '../ledger/ledger-row.ts';
import type { LedgerRow, Listed } from '../ledger/ledger-row.ts';
import type { Messages } from '../lists/message-list.ts';
import { orphansSettled } from '../events.ts';
import { expungeCopies } from './apply.ts';
import { pieces, readPrints } from '../lists/listing.ts';
import type { Print } from '../lists/listing.ts';
import { carryStrays } from '../back/strays.ts';
import { subjectOf } from '../visit.ts';
import type { Visit } from '../visit.ts';

export type Recovered = {
  /** Source UIDs of messages whose copies were found. */
  readonly adopted: ReadonlySet<number>;
  /** Copies among these that have the flags of their time. */
  readonly flags: readonly FlagChange[];
  readonly surplus: number;
  /** False when time ran out: then nothing may be appended yet. */
  readonly complete: boolean;
};

/** @param unpaired messages of the source without a copy in the ledger */
export async function recoverOrphans(visit: Visit, place: Place, orphans: Messages, unpaired: Messages): Promise<Recovered> {
  const adopted = new Set<number>();
  const flags: FlagChange[] = [];
  let surplus = 0;
  let complete = true;
  if (orphans.length === 0) return { adopted, flags, surplus, complete };
  const known = new Map<number, Print>();
  // The lives of these mailboxes before their rows.
  await visit.book.flush();

  for (const piece of pieces(orphans)) {
    if (visit.spent()) {
      complete = false;
      break;
    }
    const originals = candidates(piece, unpaired, adopted);
    const prints = await readPrints(visit.target, piece.filter(({ internalDate }) => visit.returning || originals.has(internalDate)));
    await readOriginals(visit, originals, known);
    const rows: LedgerRow[] = [];
    let extra: number[] = [];
    for (const orphan of piece) {
      const print = prints.get(orphan.uid);
      const dated = originals.get(orphan.internalDate) ?? [];
      const at = print === undefined ? -1 : dated.findIndex(({ uid }) => known.get(uid)?.fingerprint.equals(print.fingerprint));
      const original = dated[at];
      if (original === undefined || print === undefined) {
        extra.push(orphan.uid);
        continue;
      }
      dated.splice(at, 1);
      adopted.add(original.uid);
      known.delete(original.uid);
      if (!sameFlags(orphan.flags, original.flags)) flags.push({ sourceUid: original.uid, targetUid: orphan.uid, flags: original.flags });
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
    if (rows.length > 0) await visit.claim.transaction((tx) => addRows(tx, [{ place, rows }]));
    if (visit.returning && extra.length > 0) {
      const left = new Set(extra);
      const strays = await carryStrays(visit, place, orphans, new Map([...prints].filter(([uid]) => left.has(uid))));
      // The next pass finds them at the home.
      if (strays.size > 0) complete = false;
      extra = extra.filter((uid) => prints.has(uid) && !strays.has(uid));
    }
    if (!visit.additive) await expungeCopies(visit, place, extra);
    surplus += extra.length;
    visit.progressed();
  }
  if (!visit.additive || adopted.size > 0) visit.emit(orphansSettled, { ...subjectOf(visit), mailbox: place.mailbox, adopted: adopted.size, surplus });
  return { adopted, flags, surplus, complete };
}

/** What these orphans may be copies of, by date. */
function candidates(orphans: readonly Listed[], unpaired: Messages, adopted: ReadonlySet<number>): Map<number, Listed[]> {
  const dates = new Set(orphans.map(({ internalDate }) => internalDate));
  return Map.groupBy(unpaired.filter((uid, date) => dates.has(date) && !adopted.has(uid)), ({ internalDate }) => internalDate);
}

async function readOriginals(visit: Visit, originals: ReadonlyMap<number, readonly Listed[]>, known: Map<number, Print>): Promise<void> {
  const wanted = [...originals.values()].flat().filter(({ uid }) => !known.has(uid));
  for (const piece of pieces(wanted.sort((a, b) => a.uid - b.uid))) {
    for (const [uid, print] of await readPrints(visit.source, piece)) known.set(uid, print);
  }
}
