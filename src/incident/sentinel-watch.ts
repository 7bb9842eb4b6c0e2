/**
 * When a platform's sentinel opens an incident, and when it closes it.
 *
 * Invariant: a single failure is chance, two in a row are not; and it is over when all has been well for a while, not at
 * the first acceptance. A sentinel that rests tells nothing, so nothing changes.
 */

/** In a row; at one sign-in every two seconds it is known within four. */
const FAILURES = 2;
/** All was well for so long. Platforms that come back under load fall over again within seconds. */
const WELL_MS = 30_000;

export type SentinelWatch = {
  outcome(accepted: boolean, now: number): void;
  /** Failures in a row. */
  readonly failures: number;
  readonly troubled: boolean;
};

export function createSentinelWatch(): SentinelWatch {
  let failures = 0;
  let wellSince: number | undefined;
  let troubled = false;
  return {
    outcome(accepted, now) {
      if (!accepted) {
        failures += 1;
        wellSince = undefined;
        if (failures >= FAILURES) troubled = true;
        return;
      }
      failures = 0;
      wellSince ??= now;
      if (now - wellSince >= WELL_MS) troubled = false;
    },
    get failures() {
      return failures;
    },
    get troubled() {
      return troubled;
    },
  };
}
