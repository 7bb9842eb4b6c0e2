/**
 * By what an attempt claims a place where not all find one.
 *
 * Invariants: known pairs come first: what a storm of strangers brings does not stand before a customer at home. Then
 * each account by its cohort. A secret that was wrong a moment ago, or was another's before, comes after all others, since
 * it most likely is wrong; what nobody waits for comes last. An unknown name claims what an account would: who is let in
 * under an overload must not tell which names exist.
 */
import { COHORTS, cohortOf } from './cohorts.ts';

export type Claim = {
  standing: Standing;
  readonly cohort: number;
  /** The account had a success from this network. */
  readonly known: boolean;
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal | undefined;
  /** A platform has refused the secret; whether it is believed is not yet known. Must not throw. */
  readonly onRefused?: () => void;
};

/** The lower comes first. */
export type Standing = 0 | 1 | 2 | 3;

/** A new secret, of somebody who has shown who he is: there are few of them, and each that fails is another call. */
export const CHANGE: Claim = { standing: 0, cohort: 0, known: true, signal: undefined };

/** What is done beside, for nobody who waits. */
export const BESIDE: Claim = { standing: 3, cohort: 0, known: true, signal: undefined };

/** @param subject an account's id, or below zero a login name that is nobody's */
export function claimOf(subject: number, { putOff, ...rest }: Pick<Claim, 'known' | 'signal' | 'onRefused'> & { readonly putOff: boolean }): Claim {
  return { standing: putOff ? 2 : rest.known ? 0 : 1, cohort: cohortOf(subject), ...rest };
}

/** The lower comes first. @param first the cohort whose turn it is */
export function rankOf({ standing, cohort }: Claim, first: number): number {
  return standing * COHORTS + ((cohort - first + COHORTS) % COHORTS);
}
