/** How much the shift is asked for, and how much it can carry; browsers read this too: no Node here. */
import { z } from 'zod';

/** A call begins when somebody takes it; the screen says so as it is opened. */
export const callBody = z.strictObject({ key: z.uuid(), account: z.int().min(1).optional(), case: z.int().min(1).optional() });

/** `GET /api/desk/load`. */
export type Load = {
  /** Ms since the epoch. */
  readonly at: number;
  /** In the last hour; what came in the last ten minutes, times six, where that is more. */
  readonly callsPerHour: number;
  readonly casesOpenedPerHour: number;
  readonly casesClosedPerHour: number;
  readonly openCases: number;
  /** Of one call, with what is written after it; `guessed` where too few calls ended to tell. */
  readonly handlingSeconds: number;
  readonly guessed: boolean;
  /** Of the shift: there, and not on a break. */
  readonly agents: number;
  /** What these can carry by Erlang C. Undefined: more is asked than they could ever answer, so the queue only grows. */
  readonly expected: { readonly serviceLevel: number; readonly waitSeconds: number; readonly occupancy: number } | undefined;
  /** Calls an hour that these can carry at 80 % within 20 seconds. */
  readonly capacityPerHour: number;
  /** Asked for, as a share of that: above 1 customers wait. */
  readonly share: number;
  /** Agents that would be needed. */
  readonly needed: number;
};

/** One hour of the plan. */
export type PlanHour = {
  /** When it begins, ms since the epoch. */
  readonly at: number;
  /** Planned at levels one and two: the fewest at any moment of it. */
  readonly agents: readonly [one: number, two: number];
  /** Calls that all of these can carry at 80 % within 20 seconds. */
  readonly capacityPerHour: number;
  /** That came in; undefined: it is not over. */
  readonly calls: number | undefined;
  /** Of an hour that is not over: the mean of the same hour on the last seven days; undefined: no such day is kept. */
  readonly expected: number | undefined;
};
/** `GET /api/desk/load/plan?from=&until=`: what the plan can carry beside what comes in. */
export type PlanLoad = { readonly at: number; readonly handlingSeconds: number; readonly guessed: boolean; readonly hours: readonly PlanHour[] };
