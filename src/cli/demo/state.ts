import type { WaveProgress } from '#cutover/records.ts';
import type { CustomersReport } from '#rehearsal/customers-process.ts';

/** What the demo shows of itself at a moment. The two views print it; nobody else reads it. */
export type DemoState = {
  /** What is happening, in one line. */
  readonly doing: string;
  readonly seconds: number;
  readonly plan: { readonly state: string; readonly reason: string | null } | undefined;
  readonly waves: readonly WaveProgress[];
  /** Accounts that the judge has read. */
  readonly judged: { readonly done: number; readonly of: number } | undefined;
  readonly customers: CustomersReport | undefined;
  /** Sign-ins a second over the last seconds, by verdict. */
  readonly rates: { readonly accepted: number; readonly rejected: number; readonly unavailable: number };
  readonly inFlight: number;
  readonly longestHoldMs: number;
  readonly backedOut: number;
  readonly oldAuthentication: 'alive' | 'dead';
};

export type View = {
  show(state: DemoState): void;
  /** A line that stays, above whatever moves. */
  say(line: string): void;
  close(): void;
};
