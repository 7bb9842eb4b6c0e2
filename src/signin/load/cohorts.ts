/**
 * Under an overload accounts get in by cohorts, and each cohort has its turn.
 *
 * Invariants: an account is always of one cohort, so it gets in with all of its devices. The turn goes around by the wall
 * clock alone, so all instances before one platform prefer the same cohorts, and nobody can hold it up; a clock that steps
 * only moves it. Every cohort comes first once in 128 turns.
 */

/** Steps of less than one percent (Uber's Cinnamon has as many); 220 of 28,000 accounts in each. */
export const COHORTS = 128;

/**
 * A client that is refused comes again within some ten seconds (see `gateway/hold-back.ts`), so each of a cohort's devices
 * comes while it is among the first. Once around takes 8.5 minutes. At twice the capacity an account is among those who
 * get in for half of that, at ten times for 50 s: longer than most clients wait before they try again.
 */
const TURN_MS = 4_000;

/** The cohort whose turn it is. @param now ms since the epoch */
export function firstCohort(now: number): number {
  return Math.floor(now / TURN_MS) % COHORTS;
}

/** Neighbouring ids are of different cohorts: accounts of one import, or of one wave, must not share a turn. */
export function cohortOf(subject: number): number {
  const whole = Math.abs(subject);
  let bits = (whole ^ (whole / 2 ** 32)) | 0;
  // The finish of MurmurHash3.
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits >>> 16) % COHORTS;
}
