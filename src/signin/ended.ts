/** The end of an attempt without a verdict on its secret, and by when it comes. */
import type { LockedReason } from './locks/index.ts';
import type { UnavailableReason, Verdict } from './verdict.ts';

/** By when an attempt ends. `signal` is aborted with an `Ended`. */
export type Limit = { readonly deadline: number; readonly signal: AbortSignal };

/** The attempt ends without a verdict on the secret. */
export class Ended extends Error {
  readonly reason: UnavailableReason;

  constructor(reason: UnavailableReason) {
    super(reason);
    this.reason = reason;
  }
}

export function unavailable(reason: UnavailableReason): Verdict {
  return { verdict: 'unavailable', reason };
}

export function locked(reason: LockedReason): Verdict {
  return { verdict: 'locked', reason };
}
