/** When a hold that came to nothing is tried again. */

/** A hold that was put off is tried again after this, doubled each time up to the limit, with jitter of a half. */
const PUT_OFF_MS = 500;
const PUT_OFF_LIMIT_MS = 30_000;

/** Grows with each hold of this move that came to nothing. */
export function putOffMs(backedOut: number): number {
  return Math.min(PUT_OFF_LIMIT_MS, PUT_OFF_MS * 2 ** Math.min(backedOut, 10)) * (0.5 + Math.random());
}
