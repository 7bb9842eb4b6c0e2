/**
 * Who may write for a move. One owner at a time, by the move's row and without a lock service.
 *
 * Invariants: `owner_until` is by the store's clock, `takeOverMs` ahead of each renewal. The owner itself stops writing
 * after half of that since the *start* of its last confirmed renewal, by its monotonic clock, which goes on while a
 * process is stopped. A successor waits out `owner_until` and the time-out of a command, within which all that the
 * former owner wrote before it stopped has been carried out or lost; it waits for nothing only when the former owner's
 * process is proven gone (`releaseClaims`). A transaction of a former owner changes nothing. Statements over many rows
 * lock them by id: the last renewal of a killed process may still run while its moves are let go.
 */
import { sql } from 'kysely';
import type { RawBuilder, Selectable } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Store, Tx } from '#store/index.ts';
import { IS_CROWDED } from './limits/crowded.ts';
import { OPEN } from './tables.ts';
import type { MoverTables, MoveTable } from './tables.ts';

export type MoveRow = Selectable<MoveTable>;

export type ClaimTimes = {
  /** A silent owner loses its moves after this; it renews every fifth of it. */
  readonly takeOverMs: number;
  /** Longest time that a written command may still take effect at a platform. */
  readonly commandMs: number;
  /** After a lost connection or owner: no hold for this long, so that no late command arrives after a flip. */
  readonly stragglerMs: number;
};

/** 10 s: above a slow commit or a pause of the collector, below what an operator would call stuck. */
export const TAKE_OVER_MS = 10_000;
/** A server that has not said a byte for this long on a command is given up. */
export const COMMAND_MS = 20_000;
/** A command that a server has read entirely is carried out within this, or the server is down. */
export const STRAGGLER_MS = 5_000;

export type Claim = {
  /** The row as it was when claimed. */
  readonly row: MoveRow;
  /** Aborted when ownership was lost. */
  readonly signal: AbortSignal;
  /** Throws CausewayError `aborted` unless we may still write. Called synchronously before each write to a platform. */
  fence(): void;
  /** Whether a customer of the account was refused lately for having too many connections, as of the last renewal (crowded.ts). */
  crowded(): boolean;
  /** A transaction that locks the row and throws `aborted`, changing nothing, when it is no longer ours. */
  transaction<R>(work: (tx: Tx, row: MoveRow) => Promise<R>): Promise<R>;
  /**
   * One statement that stands for a transaction, with its guard: `work` changes rows, and takes them `from mine`, which has
   * the move's `id`, or no row when it is no longer ours. Throws as `transaction` does.
   */
  statement(work: RawBuilder<unknown>): Promise<void>;
  /** Gives the move back. What `end` returns is written to the row in the same statement. */
  release(changes?: Partial<Pick<MoveRow, 'unclean'>> & { readonly nextInMs?: number; readonly holdAfterMs?: number }): Promise<void>;
};

export type Claims = {
  /** @returns undefined when the move is closed, not due, or another's */
  claim(moveId: number): Promise<Claim | undefined>;
  /** Renews all that are held. Called every `renewMs` and never by two at once. */
  renew(): Promise<void>;
  readonly renewMs: number;
  /** Moves held now. */
  held(): number;
};

const lost = (): CausewayError => new CausewayError('aborted', 'the move was taken over by another worker');

/** @param owner names this worker and no other, now or later */
export function createClaims(store: Store, owner: string, clock: Clock, times: ClaimTimes): Claims {
  type Entry = { readonly number: number; confirmedAt: number; crowded: boolean; readonly gone: AbortController };
  const entries = new Map<number, Entry>();

  return {
    renewMs: times.takeOverMs / 5,
    held: () => entries.size,

    async claim(moveId) {
      if (entries.has(moveId)) return undefined;
      const gone = new AbortController();
      const entry: Entry = { number: 0, confirmedAt: clock.monotonic(), crowded: false, gone };
      // Taken before the first wait, so that two jobs for one move in this worker cannot both go on.
      entries.set(moveId, entry);
      const row = await take(store, moveId, owner, times).catch((error: unknown) => {
        entries.delete(moveId);
        throw error;
      });
      if (row === undefined) {
        entries.delete(moveId);
        return undefined;
      }
      const held: Entry = Object.assign(entry, { number: row.claim, crowded: row.crowded });
      const fence = (): void => {
        if (gone.signal.aborted) throw lost();
        if (clock.monotonic() - held.confirmedAt > times.takeOverMs / 2) {
          throw new CausewayError('aborted', 'the ownership of the move could not be renewed in time');
        }
      };
      return {
        row,
        signal: gone.signal,
        fence,
        crowded: () => held.crowded,
        transaction: (work) =>
          store.transaction(async (tx) => {
            const present = await tx
              .db<MoverTables>()
              .selectFrom('move')
              .selectAll()
              .where('id', '=', moveId)
              .where('owner', '=', owner)
              .where('claim', '=', row.claim)
              .forUpdate()
              .executeTakeFirst();
            if (present === undefined) {
              gone.abort(lost());
              throw lost();
            }
            return work(tx, present);
          }),
        async statement(work) {
          const { rows } = await sql<{ held: boolean }>`
            with mine as (select id from move where id = ${moveId} and owner = ${owner} and claim = ${row.claim} for update), done as (${work})
            select exists (select from mine) as held`.execute(store.db());
          if (rows[0]?.held === true) return;
          gone.abort(lost());
          throw lost();
        },
        async release({ unclean, nextInMs = 0, holdAfterMs = 0 } = {}) {
          entries.delete(moveId);
          gone.abort(lost());
          await sql`
            update move set owner = null, owner_until = null, enqueued_at = null,
              -- At once when a rollback was asked for meanwhile.
              next_at = now() + case when back is distinct from ${row.back} then 0 else ${nextInMs}::float8 end * interval '1 millisecond',
              hold_after = greatest(hold_after, now() + ${holdAfterMs} * interval '1 millisecond'),
              unclean = coalesce(${unclean ?? null}::boolean, unclean)
            where id = ${moveId} and owner = ${owner} and claim = ${row.claim}`.execute(store.db());
        },
      };
    },

    async renew() {
      const ids = [...entries].filter(([, { number }]) => number > 0).map(([id]) => id);
      if (ids.length === 0) return;
      const began = clock.monotonic();
      const { rows } = await sql<{ id: number; claim: number; crowded: boolean }>`
        update move set owner_until = now() + ${times.takeOverMs} * interval '1 millisecond'
        where id in (select id from move where owner = ${owner} and id = any(${ids}::bigint[]) order by id for update)
        returning id, claim, ${IS_CROWDED} as crowded`.execute(store.db());
      const kept = new Map(rows.map((row) => [row.id, row]));
      for (const id of ids) {
        const entry = entries.get(id);
        if (entry === undefined) continue;
        const row = kept.get(id);
        if (row?.claim === entry.number) [entry.confirmedAt, entry.crowded] = [began, row.crowded];
        else entry.gone.abort(lost());
      }
    },
  };
}

/** Takes the move if it is due and nobody's, or if its owner has been silent for long enough. */
async function take(store: Store, moveId: number, owner: string, times: ClaimTimes): Promise<(MoveRow & { readonly crowded: boolean }) | undefined> {
  const { rows } = await sql<MoveRow & { readonly crowded: boolean }>`
    update move set
      owner = ${owner},
      owner_until = now() + ${times.takeOverMs} * interval '1 millisecond',
      claim = claim + 1,
      unclean = false,
      -- Whoever left without releasing may have commands on their way.
      hold_after = case when owner is not null or unclean
        then greatest(hold_after, now() + ${times.stragglerMs} * interval '1 millisecond') else hold_after end
    where id = ${moveId} and state = any(${[...OPEN]}::text[]) and next_at <= now()
      -- Our own, of which we have no entry: giving it back was lost with the store.
      and (owner is null or owner = ${owner} or owner_until + ${times.commandMs} * interval '1 millisecond' < now())
    returning *, ${IS_CROWDED} as crowded`.execute(store.db());
  return rows[0];
}

/**
 * Frees the moves of owners whose processes are proven gone (their exit was seen). A process that is only silent must
 * wait out its time instead: it may be stopped and go on.
 * @returns how many were freed
 */
export async function releaseClaims(tx: Tx, owners: readonly string[]): Promise<number> {
  if (owners.length === 0) return 0;
  const { rows } = await sql<{ id: number }>`
    update move set owner = null, owner_until = null, enqueued_at = null, unclean = true, next_at = now()
    where id in (
      select id from move where owner = any(${[...owners]}::text[]) and state = any(${[...OPEN]}::text[]) order by id for update)
    returning id`.execute(tx.db());
  return rows.length;
}
