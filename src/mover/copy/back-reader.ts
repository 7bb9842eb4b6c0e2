/**
 * Reads copies back while others are being appended, on the same connection: a batch is asked for as soon as its tagged
 * OK has come, behind what is already on its way.
 *
 * Invariants: a row is handed on with `readBack` only when the target gave bytes with the source's fingerprint; a copy
 * that it does not give yet (Courier shows new mail after a NOOP only) is handed on unread, and the next pass reads it.
 * Other bytes are the final failure `mismatch`; their rows are handed on unread, and are told (`altered`).
 */
import { CausewayError } from '#errors/index.ts';
import { isChosen, mismatchOf } from './read-back.ts';
import type { Place } from '../ledger/ledger.ts';
import type { LedgerRow } from '../ledger/ledger-row.ts';
import { readPrints } from '../lists/listing.ts';
import { keyOf } from './under-way.ts';
import type { Visit } from '../visit.ts';

export type BackReader = {
  take(rows: readonly LedgerRow[]): void;
  /** Rows whose copies have other bytes. */
  readonly altered: readonly LedgerRow[];
  /** Resolves when all that was taken is handed on. Throws the first mismatch or failure, then. */
  done(): Promise<void>;
};

export function createBackReader(visit: Visit, place: Place, onRows: (rows: readonly LedgerRow[]) => void): BackReader {
  const reading = new Set<Promise<void>>();
  const altered: LedgerRow[] = [];
  let failure: { readonly error: unknown } | undefined;

  async function read(rows: readonly LedgerRow[]): Promise<void> {
    const wanted = rows.filter((row) => isChosen(visit.move.read_back, row)).map((row) => ({ uid: row.targetUid, size: row.size, row }));
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
    onRows(rows.map((row) => (known.has(row) ? { ...row, readBack: true, targetSize: row.size } : row)));
  }

  return {
    take(rows) {
      if (visit.move.read_back === 'none') return onRows(rows);
      const done = read(rows).finally(() => reading.delete(done));
      reading.add(done);
    },
    async done() {
      while (reading.size > 0) await Promise.all(reading);
      if (altered.length > 0) throw mismatchOf(place, altered);
      if (failure !== undefined) throw failure.error;
    },
    altered,
  };
}
