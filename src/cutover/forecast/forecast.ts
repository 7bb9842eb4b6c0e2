/**
 * What a forecast says: between when and when something ends, and on what that rests. Pure.
 *
 * Invariants: it is a range, never a moment; `fromAt <= likelyAt <= toAt`; what a forecast rests on is numbers that were
 * seen, and stands beside it. Where too little was seen there is none.
 */

/** `restoration`: that the customers whom a trouble left behind are served again (backlog.ts). */
export type ForecastKind = 'plan' | 'wave' | 'account' | 'restoration';

export type Basis = {
  /** Accounts that have ended. */
  readonly done: number;
  /** Accounts that are still to end. */
  readonly left: number;
  /** Of these, moves that are under way; of a restoration 0. */
  readonly underWay: number;
  /** Accounts an hour at the rate of late; null before one has ended. */
  readonly perHour: number | null;
  /** Accounts that wait for a person, and are in no forecast. */
  readonly waiting: number;
  /** The plan is paused: the times are as if it went on at `madeAt`. */
  readonly paused: boolean;
};

export type Forecast = {
  readonly kind: ForecastKind;
  /** Of the plan, wave or account; of a restoration that of the backlog. */
  readonly id: number;
  readonly madeAt: Date;
  /** It ends no earlier than this, as far as can be told: both ends together hold nine times out of ten. */
  readonly fromAt: Date;
  readonly likelyAt: Date;
  /** And no later than this. */
  readonly toAt: Date;
  readonly basis: Basis;
};

/** For people: on what it rests, in a sentence. */
export function basisText({ done, left, perHour, waiting, paused }: Basis): string {
  const rate = perHour === null ? '' : `, ${Math.round(perHour)} an hour of late`;
  const rest = waiting === 0 ? '' : `; ${waiting} wait for a person and are not counted`;
  return `${done} done, ${left} to do${rate}${rest}${paused ? '; as if the plan went on now' : ''}`;
}
