/**
 * When app passwords were last used: for people who look which device it was. Invariants: nobody signing in waits for it;
 * of each one at most one use an hour is written; a store that is gone costs the note, nothing else. Bounded.
 */
import type { Clock } from '#events/clock.ts';
import type { SecretKeeper } from './accounts.ts';
import { createBoundedMap } from './bounded-map.ts';
import { STORE_MS, timeLimit } from './within.ts';

const HOURLY_MS = 3_600_000;
/** Uses are collected for so long, so that many are one statement. */
const FLUSH_MS = 60_000;
/** Of 28,000 accounts with four each; who falls out is written once more. */
const KNOWN = 112_000;
/** Waiting to be written while the store is gone. */
const PENDING = 20_000;

export type AppUse = {
  note(id: number): void;
  /** Writes what is left. Never rejects. */
  close(): Promise<void>;
};

export function createAppUse({ secrets, clock }: { secrets: SecretKeeper; clock: Clock }): AppUse {
  const noted = createBoundedMap<number, number>(KNOWN);
  const stop = new AbortController();
  let pending = new Map<number, Date>();

  const flush = async (): Promise<void> => {
    if (pending.size === 0) return;
    const taken = pending;
    pending = new Map();
    try {
      await timeLimit(secrets.noteUse(taken), STORE_MS, clock, 'the use of app passwords');
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

  return {
    note(id) {
      const before = noted.peek(id);
      const now = clock.monotonic();
      if (before !== undefined && now - before < HOURLY_MS) return;
      noted.set(id, now);
      if (pending.size < PENDING) pending.set(id, new Date(clock.now()));
    },
    async close() {
      stop.abort();
      await rounds;
    },
  };
}
