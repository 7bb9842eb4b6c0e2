/** Holds put beside the sign-ins of their time: how long a customer's client waited. Times are one machine's, epoch ms. */
import type { Knock } from './knocker.ts';

/** As the mover tells of one, and the store of its acknowledgements. */
export type Hold = {
  readonly account: string;
  readonly outcome: string;
  /** Where the account lives after it. */
  readonly home: string;
  readonly began: number;
  readonly ended: number;
  /** The first acknowledgement of the freeze; undefined where there was none. */
  readonly acknowledged: number | undefined;
};

export type Waits = {
  /** From the first acknowledgement to the first waiting sign-in's answer, for each flip in which somebody waited. */
  readonly toAnswer: readonly number[];
  /** The longest that a sign-in took, for each hold in which somebody waited. */
  readonly longest: readonly number[];
  /** Flips in which nobody happened to wait. */
  readonly unseen: number;
};

export function measure(holds: readonly Hold[], knocks: ReadonlyMap<string, readonly Knock[]>): Waits {
  const toAnswer: number[] = [];
  const longest: number[] = [];
  let unseen = 0;
  for (const { account, outcome, home, began, ended, acknowledged } of holds) {
    const waiting = (knocks.get(account) ?? []).filter(({ asked }) => asked >= began && asked < ended);
    if (waiting.length > 0) longest.push(Math.max(...waiting.map(({ asked, answered }) => answered - asked)));
    if (outcome !== 'flipped') continue;
    const answered = waiting.filter((each) => each.verdict === 'in' && each.home === home).map((each) => each.answered);
    if (answered.length === 0 || acknowledged === undefined) unseen += 1;
    else toAnswer.push(Math.min(...answered) - acknowledged);
  }
  return { toAnswer, longest, unseen };
}

/** The value below which `share` of them are; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
