/**
 * What was seen again and again, added up in memory and written down beside, for people to read.
 *
 * Invariants: nobody waits for it; equal things are one row with a count, so what comes every minute is one write a
 * period; a store that is gone costs what does not fit any more, nothing else. Bounded.
 */
import type { Clock } from '#events/clock.ts';

export type Tallied<T> = { readonly what: T; readonly firstAt: Date; readonly lastAt: Date; readonly times: number };

export type Tally<T> = {
  has(key: string): boolean;
  /** One more of `key`. @returns whether it is new; it is dropped when there is no room */
  add(key: string, what: T): boolean;
  /** It is news, and written with the next. */
  hurry(key: string): void;
  /** It is asked about now: written after `inMs`, but not more often than each `everyMs`. */
  soon(key: string, wanted: { readonly inMs: number; readonly everyMs: number }): void;
  /** Writes what is left. Never rejects. */
  close(): Promise<void>;
};

export type TallyOptions<T> = {
  /** One statement; rows are added to what is there. */
  readonly write: (rows: readonly Tallied<T>[]) => Promise<void>;
  /** Drops what is too old. */
  readonly sweep: () => Promise<void>;
  /** A key that was written is written again at the earliest after this time. */
  readonly againMs: number;
  /** Keys in memory. */
  readonly limit: number;
  /** A key that did not come again is no longer in memory. */
  readonly onForgotten?: (what: T) => void;
  readonly clock: Clock;
};

/** Who looks after it happened finds it there. */
const FLUSH_MS = 5_000;
const SWEEP_MS = 6 * 3_600_000;
/** Rows of one statement: a few dozen ms of the store's. */
const BATCH = 2_000;
/** Statements of one round, one after the other: when a platform is back, two programs of each of 28,000 customers are told within half a minute. */
const BATCHES = 5;

type Entry<T> = { readonly what: T; times: number; firstAt: number; lastAt: number; /** Monotonic; undefined: never yet. */ writtenAt: number | undefined; dueAt: number };

export function createTally<T>({ write, sweep, againMs, limit, onForgotten = () => {}, clock }: TallyOptions<T>): Tally<T> {
  const entries = new Map<string, Entry<T>>();
  const stop = new AbortController();
  let sweepAt = clock.monotonic() + againMs;

  async function flush(all: boolean): Promise<void> {
    const now = clock.monotonic();
    const due: Entry<T>[] = [];
    for (const [key, entry] of entries) {
      if (entry.dueAt > now && !all) continue;
      if (entry.times === 0) {
        entries.delete(key);
        onForgotten(entry.what);
      } else if (due.length < BATCH * BATCHES) due.push(entry);
    }
    for (let from = 0; from < due.length; from += BATCH) await writeDown(due.slice(from, from + BATCH), now);
  }

  async function writeDown(due: readonly Entry<T>[], now: number): Promise<void> {
    const rows = due.map(({ what, times, firstAt, lastAt }) => ({ what, times, firstAt: new Date(firstAt), lastAt: new Date(lastAt) }));
    const before = due.map(({ writtenAt }) => writtenAt);
    // Before it is written: what comes meanwhile, and is asked about, is due by itself.
    for (const entry of due) Object.assign(entry, { writtenAt: now, dueAt: now + againMs });
    try {
      await write(rows);
    } catch (error) {
      due.forEach((entry, at) => Object.assign(entry, { writtenAt: before[at], dueAt: now }));
      throw error;
    }
    due.forEach((entry, at) => (entry.times -= rows[at]!.times));
  }

  const rounds = (async () => {
    while (!stop.signal.aborted) {
      await clock.sleep(FLUSH_MS, stop.signal).catch(() => {});
      await flush(stop.signal.aborted).catch(() => {}); // the store says itself that it is away
      if (clock.monotonic() < sweepAt) continue;
      sweepAt = clock.monotonic() + SWEEP_MS;
      await sweep().catch(() => {});
    }
  })();

  return {
    has: (key) => entries.has(key),
    add(key, what) {
      let entry = entries.get(key);
      const fresh = entry === undefined;
      if (entry === undefined) {
        if (entries.size >= limit) return false;
        entry = { what, times: 0, firstAt: 0, lastAt: 0, writtenAt: undefined, dueAt: clock.monotonic() };
        entries.set(key, entry);
      }
      if (entry.times === 0) entry.firstAt = clock.now();
      entry.times += 1;
      entry.lastAt = clock.now();
      return fresh;
    },
    hurry(key) {
      const entry = entries.get(key);
      if (entry !== undefined) entry.dueAt = clock.monotonic();
    },
    soon(key, { inMs, everyMs }) {
      const entry = entries.get(key);
      if (entry !== undefined) entry.dueAt = Math.min(entry.dueAt, Math.max(clock.monotonic() + inMs, (entry.writtenAt ?? -Infinity) + everyMs));
    },
    async close() {
      stop.abort();
      await rounds;
    },
  };
}
