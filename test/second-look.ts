/**
 * Which test files deserve a second look, alone: those that failed while others kept both cores busy.
 *
 * Invariants: what says that a right password was refused, or that mail is missing, altered or doubled, has failed,
 * whatever comes after; so has a scenario that ran alone, a run that broke off, and one in which much failed.
 */

/** Of Vitest's JSON report, what is looked at. */
export type Report = {
  readonly testResults: readonly {
    /** The file. */
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly failureMessages: readonly string[] | null }[];
  }[];
};

/** More than this is no accident. */
const MOST = 3;
/** The two numbers' words, in findings and in the judges' examples; not in lines of a log, which many an error ends with. */
const FINAL = /^(?!\{).*(?:false.?(?:rejection|acceptance)|wrongly.?unavailable|missing|altered|doubled|\blost\b)/im;

/** @param alone files of scenarios that nothing ran beside @returns none: the run has failed */
export function secondLook({ testResults }: Report, alone: readonly string[]): string[] {
  const failed = testResults.filter(({ status }) => status === 'failed');
  const said = failed.flatMap(({ message, assertionResults }) => [message, ...assertionResults.flatMap(({ failureMessages }) => failureMessages ?? [])]);
  const isFinal = failed.length > MOST || said.some((text) => FINAL.test(text)) || failed.some(({ name }) => alone.some((file) => name.endsWith(file)));
  return isFinal ? [] : failed.map(({ name }) => name);
}
