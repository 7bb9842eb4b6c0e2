/**
 * What is to be done so that a mailbox of the target holds what its source holds. Pure.
 *
 * Invariants: it is computed from both sides' whole lists and the ledger, never from what was meant to be done before;
 * so it is right after any crash, and a difference that has been carried out is empty. Every message of either list is
 * in exactly one ledger pair, or in `fresh`, or in `orphans`.
 */
import type { LedgerRow } from '../ledger/ledger-row.ts';
import { join, rowsBeside } from './lists.ts';
import type { Lists } from './lists.ts';
import { pick } from './message-list.ts';
import type { Messages, Picked } from './message-list.ts';

/** A copy that is to have other flags. */
export type FlagChange = { readonly sourceUid: number; readonly targetUid: number; readonly flags: readonly string[] };

/** A pair whose copy has yet to be read back; `targetSize` as the target lists it. */
export type Unread = { readonly row: LedgerRow; readonly targetSize: number };

export type Difference = {
  /** At the source, not in the ledger, in UID order. */
  readonly fresh: Messages;
  /** At the target, not in the ledger, in UID order: copies whose tagged OK was lost, or mail that is not ours. */
  readonly orphans: Messages;
  /** Gone at the source: the copy is to be expunged, then the row deleted. */
  readonly vanished: Picked<LedgerRow>;
  /** Gone at the target: the row is to be deleted; the message, if the source still has it, is in `fresh`. */
  readonly lost: Picked<LedgerRow>;
  /** Copies whose flags are not the source's. */
  readonly flags: readonly FlagChange[];
  /** In the order of the target's UIDs. */
  readonly unread: Picked<Unread>;
  /** Pairs whose dates differ: a target that does not keep INTERNALDATE. */
  readonly misdated: Picked<LedgerRow>;
  /** What the ledger is to say of flags where it is behind, and the copies need nothing. */
  readonly outdated: readonly FlagChange[];
};

export function difference(lists: Lists): Difference {
  const { sets, source, target, ledger } = lists;
  const { originals, copies } = join(lists);
  const vanished: number[] = [];
  const lost: number[] = [];
  const misdated: number[] = [];
  const unread: number[] = [];
  const flags: FlagChange[] = [];
  const outdated: FlagChange[] = [];
  const paired = new Int32Array(ledger.length).fill(-1);

  for (const row of ledger.byTarget) {
    const [original, copy] = [originals[row]!, copies[row]!];
    if (copy < 0) lost.push(row);
    else if (original < 0) vanished.push(row);
    else {
      paired[row] = original;
      const wanted = source.flags[original]!;
      const behind = !sets.same(wanted, target.flags[copy]!) ? flags : !sets.same(wanted, ledger.flags[row]!) ? outdated : undefined;
      behind?.push({ sourceUid: ledger.sourceUids[row]!, targetUid: ledger.targetUids[row]!, flags: sets.flagsOf(wanted) });
      if (source.dates[original] !== target.dates[copy]) misdated.push(row);
      // A copy whose size changed since it was read is not the one that was read.
      if (ledger.readBack[row] === 0 || ledger.targetSizes[row] !== target.sizes[copy]) unread.push(row);
    }
  }
  return {
    fresh: source.pick(rowsBeside(source.length, paired)),
    orphans: target.pick(rowsBeside(target.length, copies)),
    vanished: ledger.pick(vanished),
    lost: ledger.pick(lost),
    flags,
    unread: pick(unread, (row) => ({ row: ledger.at(row), targetSize: target.sizes[copies[row]!]! })),
    misdated: ledger.pick(misdated),
    outdated,
  };
}

/** Whether nothing is left to do. */
export function isEmpty(d: Difference): boolean {
  return [d.fresh, d.orphans, d.vanished, d.lost, d.flags, d.unread, d.misdated].every(({ length }) => length === 0);
}
