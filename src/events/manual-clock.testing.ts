/**
 * A clock for tests that stands until it is told.
 *
 * Invariant: whoever sleeps is woken in the turn in which the clock is moved past their time.
 */
import type { Clock } from './clock.ts';

export type ManualClock = Clock & {
  advance(ms: number): void;
  /** Moves it, and lets what it has woken run for a turn. */
  step(ms: number): Promise<void>;
};

/** @param time ms; where it stands first */
export function createManualClock(time = 1_000_000): ManualClock {
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  const clock: ManualClock = {
    now: () => time,
    monotonic: () => time,
    after(ms, act) {
      const sleeper = { at: time + ms, wake: act };
      sleepers.add(sleeper);
      return () => void sleepers.delete(sleeper);
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = { at: time + ms, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        });
      }),
    advance(ms) {
      time += ms;
      for (const sleeper of sleepers) {
        if (sleeper.at > time) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
    },
    async step(ms) {
      clock.advance(ms);
      await new Promise(setImmediate);
    },
  };
  return clock;
}
