/**
 * What is to be done so that a mailbox of the target holds what its source holds. Pure.
 *
 * Invariants: it is computed from both sides' whole lists and the ledger, never from what was meant to be done before;
 * so it is right after any crash, and a difference that has been carried out is empty. Every message of either list is
 * in exactly one ledger pair, or in `fresh`, or in `orphans`.
 */
import { flagsKey } from './ledger-row.ts';
import type { LedgerRow, Listed } from './ledger-row.ts';

export type Difference = {
  /** At the source, not in the ledger, in UID order. */
  readonly fresh: readonly Listed[];
  /** At the target, not in the ledger, in UID order: copies whose tagged OK was lost, or mail that is not ours. */
  readonly orphans: readonly Listed[];
  /** Gone at the source: the copy is to be expunged, then the row deleted. */
  readonly vanished: readonly LedgerRow[];
  /** Gone at the target: the row is to be deleted; the message, if the source still has it, is in `fresh`. */
  readonly lost: readonly LedgerRow[];
  /** Copies whose flags are not the source's. */
  readonly flags: readonly { readonly row: LedgerRow; readonly flags: readonly string[] }[];
  /** Pairs whose copy has yet to be read back; `targetSize` as the target lists it. */
  readonly unread: readonly { readonly row: LedgerRow; readonly targetSize: number }[];
  /** Pairs whose dates differ: a target that does not keep INTERNALDATE. */
  readonly misdated: readonly LedgerRow[];
};

/** @param ledger the rows of both sides' present UIDVALIDITY, no others */
export function difference(source: readonly Listed[], target: readonly Listed[], ledger: readonly LedgerRow[]): Difference {
  const atSource = new Map(source.map((message) => [message.uid, message]));
  const atTarget = new Map(target.map((message) => [message.uid, message]));
  const vanished: LedgerRow[] = [];
  const lost: LedgerRow[] = [];
  const misdated: LedgerRow[] = [];
  const flags: { row: LedgerRow; flags: readonly string[] }[] = [];
  const unread: { row: LedgerRow; targetSize: number }[] = [];
  const paired = new Set<number>();
  const copies = new Set<number>();

  for (const row of ledger) {
    const original = atSource.get(row.sourceUid);
    const copy = atTarget.get(row.targetUid);
    if (copy === undefined) {
      lost.push(row);
      continue;
    }
    copies.add(row.targetUid);
    if (original === undefined) {
      vanished.push(row);
      continue;
    }
    paired.add(row.sourceUid);
    if (flagsKey(original.flags) !== flagsKey(copy.flags)) flags.push({ row, flags: original.flags });
    if (original.internalDate !== copy.internalDate) misdated.push(row);
    // A copy whose size changed since it was read is not the one that was read.
    if (!row.readBack || row.targetSize !== copy.size) unread.push({ row, targetSize: copy.size });
  }
  return {
    fresh: source.filter(({ uid }) => !paired.has(uid)).sort((a, b) => a.uid - b.uid),
    orphans: target.filter(({ uid }) => !copies.has(uid)).sort((a, b) => a.uid - b.uid),
    vanished,
    lost,
    flags,
    unread,
    misdated,
  };
}

/** Whether nothing is left to do. */
export function isEmpty(d: Difference): boolean {
  return [d.fresh, d.orphans, d.vanished, d.lost, d.flags, d.unread, d.misdated].every(({ length }) => length === 0);
}
