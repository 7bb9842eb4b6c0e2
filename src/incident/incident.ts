/** An incident: something is wrong with a platform's sign-in, and customers notice. */

/**
 * `sentinel`: the platform does not accept a secret that is right, or does not answer. `known-unavailable`: customers who
 * signed in before, from where they did, cannot be served.
 */
export type IncidentKind = 'sentinel' | 'known-unavailable';

export type Incident = {
  /** A UUID. */
  readonly id: string;
  readonly kind: IncidentKind;
  /** Whose word on secrets is concerned: a platform's name, or `ours`. */
  readonly platform: string;
  /** By which customers were refused; none for a sentinel's, which concerns all. */
  readonly protocols: readonly string[];
  /** Wall times, ms since the epoch. */
  readonly from: number;
  readonly until: number | undefined;
  /** The sentinel's failures, or the known customers' refusals. */
  readonly occurrences: number;
  /** Known accounts that were refused, up to ACCOUNTS. */
  readonly accounts: number;
};
