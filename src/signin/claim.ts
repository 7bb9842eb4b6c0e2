/**
 * By what an attempt claims a place where not all find one.
 *
 * Invariants: known pairs come first: what a storm of strangers brings does not stand before a customer at home. Then
 * each account by its cohort. A secret that was wrong a moment ago comes after all others, since it most likely is
 * again, and what nobody waits for comes last. An unknown name claims what an account would: who is let in under an
 * overload must not tell which names exist.
 */
import { COHORTS, type Cohorts } from './cohorts.ts';

export type Claim = {
  /** The lower comes first. Asked again whenever a place is given, since turns go around. */
  rank(): number;
  /** The account had a success from this network. */
  readonly known: boolean;
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal | undefined;
};

const KNOWN = 0;
const OTHERS = COHORTS;
const WRONG_LATELY = 2 * COHORTS;

/** A new secret, of somebody who has shown who he is: there are few of them, and each that fails is another call. */
export const CHANGE: Claim = { rank: () => KNOWN, known: true, signal: undefined };

/** What is done beside, for nobody who waits. */
export const BESIDE: Claim = { rank: () => 3 * COHORTS, known: true, signal: undefined };

/** @param subject an account's id, or below zero a login name that is nobody's */
export function claimOf(cohorts: Cohorts, subject: number, { known, wrongLately, signal }: { known: boolean; wrongLately: boolean; signal: AbortSignal | undefined }): Claim {
  const base = wrongLately ? WRONG_LATELY : known ? KNOWN : OTHERS;
  const distance = cohorts(subject);
  return { rank: () => base + distance(), known, signal };
}
