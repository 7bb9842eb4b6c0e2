/**
 * Reads copies back while others are being appended, on the same connection: one FETCH at a time, for all whose tagged OK
 * has come meanwhile, behind what is already on its way. For each FETCH after an APPEND Dovecot goes through the
 * mailbox's folder again: with one for each batch the target's part was a tenth more (npm run bench:mover).
 *
 * Invariants: a row is handed on with `readBack` only when the target gave bytes with the source's fingerprint; a copy
 * that it does not give yet (Courier shows new mail after a NOOP only) is handed on unread, and the next pass reads it.
 * Other bytes are the final failure `mismatch`; their rows are handed on unread, and are told (`altered`).
 */
import { CausewayError } from '#errors/index.ts';
import { isChosen, mismatchOf } from './read-back.ts';
import type { Place } from '../ledger/ledger.ts';
import type { LedgerRow } from '../ledger/ledger-row.ts';
import { pieces, readPrints } from '../lists/listing.ts';
import { keyOf } from './under-way.ts';
import type { Visit } from '../visit.ts';

export type BackReader = {
  take(rows: readonly LedgerRow[]): void;
  /** Rows whose copies have other bytes. */
  readonly altered: readonly LedgerRow[];
  /** Resolves when all that was taken is handed on. Throws the first mismatch or failure, then. */
  done(): Promise<void>;
};

/** As the target names it. */
type Copy = { readonly uid: number; readonly size: number; readonly row: LedgerRow };

export function createBackReader(visit: Visit, place: Place, onRows: (rows: readonly LedgerRow[]) => void): BackReader {
  const waiting: Copy[] = [];
  let reading: Promise<void> | undefined;
  const altered: LedgerRow[] = [];
  let failure: { readonly error: unknown } | undefined;

  async function read(copies: readonly Copy[]): Promise<void> {
    const wanted = copies.filter(({ row }) => isChosen(visit.move.read_back, row));
    const known = new Set<LedgerRow>();
    try {
      const sources = new Map(wanted.map(({ uid, row }) => [uid, row.sourceUid]));
      const prints = await readPrints(visit.target, wanted, (uid, bytes) => visit.underWay.carried(keyOf(place, sources.get(uid) ?? 0), bytes));
      for (const { uid, row } of wanted) {
        const print = prints.get(uid);
        if (print === undefined) continue;
        if (print.fingerprint.equals(row.fingerprint)) known.add(row);
        else altered.push(row);
      }
    } catch (error) {
      // A refusal to give a copy says nothing against what was appended: the next pass asks again.
      if (!(error instanceof CausewayError) || error.code !== 'refused') failure ??= { error };
    }
    // As the target's size the bytes' own is taken; where the target lists another, the copy is read again.
    onRows(copies.map(({ row }) => (known.has(row) ? { ...row, readBack: true, targetSize: row.size } : row)));
  }

  async function readWaiting(): Promise<void> {
    while (waiting.length > 0) {
      const [piece = []] = pieces(waiting);
      await read(waiting.splice(0, piece.length));
    }
    reading = undefined;
  }

  return {
    take(rows) {
      if (visit.move.read_back === 'none') return onRows(rows);
      for (const row of rows) waiting.push({ uid: row.targetUid, size: row.size, row });
      reading ??= readWaiting();
    },
    async done() {
      await reading;
      if (altered.length > 0) throw mismatchOf(place, altered);
      if (failure !== undefined) throw failure.error;
    },
    altered,
  };
}
