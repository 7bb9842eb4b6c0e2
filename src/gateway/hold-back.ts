/**
 * Refusals are held back for a moment, since many clients try again at once: refusing at once drew 3,000 tries a second
 * in a measurement.
 *
 * Invariants: never beyond LATEST_MS from the secret, and never more than HELD_LIMIT at a time; the others are answered
 * at once.
 */
import type { Clock } from '#events/clock.ts';

/** Dovecot's failure delay, and its 0 to 50 % of jitter. */
const BASE_MS = 2_000;
const JITTER = 0.5;
/** Below the shortest client time-out (20 s) with all other waits before it. */
const LATEST_MS = 10_000;
/** Each holds a socket: a tenth of what a worker takes. */
const HELD_LIMIT = 1_000;

/** @returns resolves when the refusal may be sent; `since`: when the secret came, monotonic ms */
export type HoldBack = (since: number, signal: AbortSignal) => Promise<void>;

/** @param random 0 to 1, as Math.random */
export function createHoldBack(clock: Clock, random: () => number): HoldBack {
  let held = 0;
  return async (since, signal) => {
    const ms = Math.min(BASE_MS * (1 + random() * JITTER), since + LATEST_MS - clock.monotonic());
    if (ms <= 0 || held >= HELD_LIMIT || signal.aborted) return;
    held += 1;
    try {
      await clock.sleep(ms, signal);
    } catch {
      // The client went: nobody waits for the answer.
    } finally {
      held -= 1;
    }
  };
}
