/**
 * Refusals are held back for a moment, since many clients try again at once: refusing at once drew 3,000 tries a second
 * in a measurement. The more are held, the longer: under a storm each refusal brings the client back with another try,
 * and what those cost is taken from the customers who get in.
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
/** With the jitter, and two seconds for a busy machine, below LATEST_MS: who times out comes back with a handshake. */
const LONGEST_MS = 5_000;
/** From so many on longer than BASE_MS: at two to three seconds each they come back 200 times a second. */
const MANY = 500;
/** Each holds a socket: three quarters of what a worker takes. Answered at once, its client would keep it too, or be back
 * within a second with another, and another handshake. */
export const HELD_LIMIT = 7_500;

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
    const base = Math.min(LONGEST_MS, BASE_MS * Math.max(1, held.size / MANY));
    const ms = Math.min(base * (1 + random() * JITTER), since + LATEST_MS - clock.monotonic());
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
