/**
 * When something was last so: an app password was used, a secret was proven. For people and rare decisions.
 *
 * Invariants: nobody signing in waits for it; of each one at most one note in `everyMs` is written; a store that is gone
 * costs the note, nothing else. Bounded.
 */
import type { Clock } from '#events/clock.ts';
import { createBoundedMap } from '../load/bounded-map.ts';
import { STORE_MS, timeLimit } from '../load/within.ts';

/** Notes are collected for so long, so that many are one statement. */
const FLUSH_MS = 60_000;
/** Of 28,000 accounts with four devices each; who falls out is written once more. */
const KNOWN = 112_000;
/** Waiting to be written while the store is gone. */
const PENDING = 20_000;

export type LazyNote = {
  /** Whether a note of it would be written. */
  due(id: number): boolean;
  note(id: number): void;
  /** Writes what is left. Never rejects. */
  close(): Promise<void>;
};

export function createLazyNote({ write, everyMs, clock }: { write: (noted: ReadonlyMap<number, Date>) => Promise<void>; everyMs: number; clock: Clock }): LazyNote {
  const noted = createBoundedMap<number, number>(KNOWN);
  const stop = new AbortController();
  let pending = new Map<number, Date>();

  const flush = async (): Promise<void> => {
    if (pending.size === 0) return;
    const taken = pending;
    pending = new Map();
    try {
      await timeLimit(write(taken), STORE_MS, clock, 'a note');
    } catch {
      for (const [id, at] of taken) if (!pending.has(id) && pending.size < PENDING) pending.set(id, at);
    }
  };

  const rounds = (async () => {
    while (!stop.signal.aborted) {
      await clock.sleep(FLUSH_MS, stop.signal).catch(() => {});
      await flush();
    }
  })();

  const due = (id: number): boolean => {
    const before = noted.peek(id);
    return before === undefined || clock.monotonic() - before >= everyMs;
  };
  return {
    due,
    note(id) {
      if (!due(id)) return;
      noted.set(id, clock.monotonic());
      if (pending.size < PENDING) pending.set(id, new Date(clock.now()));
    },
    async close() {
      stop.abort();
      await rounds;
    },
  };
}
