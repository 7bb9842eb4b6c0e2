/** What a technician reads first: the verdict on an account. No Node here. */

export type Verdict = {
  /** The rule that fits, or `not-known`. */
  readonly rule: string;
  /** One sentence or two, in plain words. */
  readonly line: string;
  /** What it is concluded from, the most important first; EVIDENCE_LINES at most. */
  readonly evidence: readonly string[];
  /** The one best next step. `act`: its name in the table of acts, where there is one. */
  readonly next: { readonly act?: string; readonly text: string };
  /** A sentence to say to the customer. */
  readonly say: string;
};

/** More than these nobody reads on a call. */
export const EVIDENCE_LINES = 8;

export const NOT_KNOWN = 'not-known';
