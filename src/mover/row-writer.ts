/**
 * Writes ledger rows while copying goes on. Invariants: one transaction at a time, in the order in which the rows came;
 * what fails once writes nothing more, and `done` throws it. Few large transactions: each costs a commit.
 */
import { sql } from 'kysely';
import { addRows } from './ledger.ts';
import type { Place } from './ledger.ts';
import type { LedgerRow } from './ledger-row.ts';
import type { Visit } from './visit.ts';

export type RowWriter = {
  readonly messages: number;
  readonly bytes: number;
  add(rows: readonly LedgerRow[]): void;
  /** Resolves when all is written. */
  done(): Promise<void>;
};

/** A transaction's fixed cost is that of some 200 rows. */
const ROWS = 1_000;
/** What a process that dies has not written down must be read again on both sides: a second's work at most. */
const WAIT_MS = 1_000;

export function createRowWriter(visit: Visit, place: Place): RowWriter {
  let waiting: LedgerRow[] = [];
  let writing: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;
  let last = visit.clock.monotonic();
  let messages = 0;
  let bytes = 0;

  async function write(rows: readonly LedgerRow[]): Promise<void> {
    const sum = rows.reduce((total, { size }) => total + size, 0);
    try {
      await visit.claim.transaction(async (tx) => {
        await addRows(tx, place, rows);
        await sql`update move set copied_messages = copied_messages + ${rows.length}, copied_bytes = copied_bytes + ${sum}
          where id = ${visit.move.id}`.execute(tx.db());
      });
      messages += rows.length;
      bytes += sum;
      visit.progressed();
    } catch (error) {
      failure = { error };
    }
  }

  function start(): void {
    if (writing !== undefined || waiting.length === 0 || failure !== undefined) return;
    const rows = waiting;
    waiting = [];
    last = visit.clock.monotonic();
    writing = write(rows).then(() => {
      writing = undefined;
      if (waiting.length >= ROWS) start();
    });
  }

  return {
    get messages() {
      return messages;
    },
    get bytes() {
      return bytes;
    },
    add(rows) {
      waiting.push(...rows);
      if (waiting.length >= ROWS || visit.clock.monotonic() - last > WAIT_MS) start();
    },
    async done() {
      while (failure === undefined && (writing !== undefined || waiting.length > 0)) {
        start();
        await writing;
      }
      if (failure !== undefined) throw failure.error;
    },
  };
}
