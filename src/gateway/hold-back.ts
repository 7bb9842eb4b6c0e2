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

/**
 * @param random 0 to 1, as Math.random
 * @returns `release`: sends all that is held, and from then on nothing is held any more
 */
export function createHoldBack(clock: Clock, random: () => number): HoldBack & { release(): void } {
  const held = new Set<() => void>();
  let released = false;
  const holdBack: HoldBack = async (since, signal) => {
    const ms = Math.min(BASE_MS * (1 + random() * JITTER), since + LATEST_MS - clock.monotonic());
    if (ms <= 0 || held.size >= HELD_LIMIT || signal.aborted || released) return;
    await new Promise<void>((resolve) => {
      // Also when the client went: nobody waits for the answer.
      const end = (): void => {
        cancel();
        signal.removeEventListener('abort', end);
        held.delete(end);
        resolve();
      };
      const cancel = clock.after(ms, end);
      signal.addEventListener('abort', end, { once: true });
      held.add(end);
    });
  };
  return Object.assign(holdBack, {
    release() {
      released = true;
      for (const end of held) end();
    },
  });
}
