/** What a rule is: it looks at the evidence and, where it fits, says what is the matter. */
import type { Act } from '#staff/acts.ts';
import type { Evidence } from '../screen/evidence.ts';

/** As in `Verdict`, without the rule's name. */
export type Found = {
  readonly line: string;
  readonly evidence: readonly string[];
  readonly next: { readonly act?: Act; readonly text: string };
  readonly say: string;
};

export type Rule = {
  readonly name: string;
  /** When it fits, for docs/verdicts.md. */
  readonly when: string;
  /** Pure. @param now ms since the epoch */
  readonly find: (evidence: Evidence, now: number) => Found | undefined;
};
