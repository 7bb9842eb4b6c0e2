/**
 * How long the page waits before it tries again by itself. Pure.
 *
 * Invariants: never before the server said; longer from one time to the next, so that a town that waits is no storm, and
 * never so long that a customer is let in a minute after the others; spread, so that they do not come at once.
 */
const LEAST_MS = 5_000;
const MOST_MS = 30_000;
const GROWTH = 1.5;

/** @param tries that failed until now, from 1 @param afterMs what the server said @param random 0 to 1 */
export function waitMs(tries: number, afterMs: number | undefined, random: number): number {
  const grown = Math.min(MOST_MS, LEAST_MS * GROWTH ** (tries - 1));
  return Math.round(Math.max(afterMs ?? 0, grown) * (1 + random * 0.3));
}

/** What a customer pasted of a reset link: its token. Undefined: there is none in it. */
export function resetToken(pasted: string): string | undefined {
  return /(?:^|\/reset\/|\s)([A-Za-z0-9_-]{43})(?:[/?#\s]|$)/.exec(pasted.trim())?.[1];
}
