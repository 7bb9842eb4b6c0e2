/**
 * What a visit writes down: the lives of mailboxes, and ledger rows while copying goes on. Of all lanes and mailboxes
 * together, since an account of some small mailboxes would else spend more on commits than on its mail.
 *
 * Invariants: one transaction at a time, in the order in which things came; a mailbox's life before its rows. What fails
 * once writes nothing more, and `flush` throws it. What was given waits a second at most, also while a large message is on
 * its way behind it; what has been read from the ledger does not have it before `flush`.
 */
import { sql } from 'kysely';
import type { Clock } from '#events/clock.ts';
import type { Tx } from '#store/index.ts';
import type { Claim } from '../claim.ts';
import { addRows } from './ledger.ts';
import type { Place } from './ledger.ts';
import type { LedgerRow } from './ledger-row.ts';
import { writeLives } from './life-rows.ts';
import { keyOf } from '../copy/under-way.ts';
import type { UnderWay } from '../copy/under-way.ts';

export type Book = {
  /** Of an account without a ledger: there are no rows of earlier lives. */
  lives(place: Place): void;
  rows(place: Place, rows: readonly LedgerRow[]): void;
  /** What may be written of the move's counts with whatever is next, before its rows; a second at most. Not with what `flush` writes of them. */
  soon(work: (tx: Tx) => Promise<unknown>): void;
  /** Resolves when all is written, and with it, in its last transaction, what `also` writes: the move's counts, too. */
  flush(also?: (tx: Tx) => Promise<void>): Promise<void>;
};

/** A transaction's fixed cost is that of some 200 rows. */
const ROWS = 1_000;
/** What a process that dies has not written down must be read again on both sides: a second's work at most. */
const WAIT_MS = 1_000;

type Group = { readonly place: Place; readonly rows: LedgerRow[] };

export function createBook({ row: move, transaction }: Claim, clock: Pick<Clock, 'after'>, underWay: UnderWay, progressed: () => void): Book {
  let lives: Place[] = [];
  let groups: Group[] = [];
  let notes: ((tx: Tx) => Promise<unknown>)[] = [];
  let count = 0;
  let writing: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;
  let disarm: (() => void) | undefined;

  async function write(also?: (tx: Tx) => Promise<void>): Promise<void> {
    const [begun, copied, number, noted] = [lives, groups, count, notes];
    [lives, groups, count, notes] = [[], [], 0, []];
    disarm?.();
    disarm = undefined;
    const rows = copied.flatMap((group) => group.rows);
    const sum = rows.reduce((total, { size }) => total + size, 0);
    try {
      await transaction(async (tx) => {
        if (begun.length > 0) await writeLives(tx, move, begun);
        if (also === undefined) for (const note of noted) await note(tx);
        if (number > 0) {
          await addRows(tx, copied);
          const left = underWay.ended(copied.flatMap((group) => group.rows.map(({ sourceUid }) => keyOf(group.place, sourceUid))));
          if (also === undefined) {
            await sql`update move set copied_messages = copied_messages + ${number}, copied_bytes = copied_bytes + ${sum},
                under_way_bytes = ${left}
              where id = ${move.id}`.execute(tx.db());
          }
        }
        await also?.(tx);
      });
      if (number > 0) progressed();
    } catch (error) {
      failure ??= { error };
    }
  }

  function start(also?: (tx: Tx) => Promise<void>): Promise<void> {
    writing = write(also).then(() => {
      writing = undefined;
      startIfMany();
      arm();
    });
    return writing;
  }

  const waits = (): boolean => failure === undefined && (count > 0 || notes.length > 0);

  function arm(): void {
    if (waits()) disarm ??= clock.after(WAIT_MS, onWaited);
  }

  function onWaited(): void {
    disarm = undefined;
    if (writing === undefined && waits()) void start();
  }

  function startIfMany(): void {
    if (writing === undefined && failure === undefined && count >= ROWS) void start();
  }

  return {
    lives: (place) => void lives.push(place),
    rows(place, rows) {
      if (rows.length === 0) return;
      const open = groups.find((group) => group.place === place);
      if (open === undefined) groups.push({ place, rows: [...rows] });
      else open.rows.push(...rows);
      count += rows.length;
      startIfMany();
      arm();
    },
    soon(work) {
      notes.push(work);
      arm();
    },
    async flush(also) {
      while (writing !== undefined) await writing;
      if (failure === undefined && (also !== undefined || waits() || lives.length > 0)) await start(also);
      if (failure !== undefined) throw failure.error;
    },
  };
}
