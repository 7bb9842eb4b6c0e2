import type { Findings } from '#rehearsal/judge.ts';

/** What the demo found, as `--json` prints it (less `examples`, `restarts` and `connectionsLost`, which are for people). */
export type Result = Findings & {
  readonly accounts: number;
  readonly moved: number;
  /** Of holds that ended in a flip. */
  readonly holdMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Holds that were put off. */
  readonly backedOut: number;
  readonly seconds: number;
  /** How often `serve` had to be started again. */
  readonly restarts: number;
};

/** Nothing lost, nobody wronged, everybody moved, and it was useful. */
export function isWell(result: Result): boolean {
  return (
    result.moved === result.accounts &&
    result.missing + result.altered + result.doubled === 0 &&
    result.falseRejections + result.falseAcceptances + result.wronglyUnavailable === 0 &&
    result.wrongSecrets.rejected === result.wrongSecrets.presented
  );
}

/** The value below which `share` of the ascending `values` lie; 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  return values[Math.min(values.length - 1, Math.floor(share * values.length))] ?? 0;
}
