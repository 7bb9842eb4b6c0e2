/**
 * What the cutover console and its server say to each other: `/api/console/*`.
 *
 * Times are ISO 8601. What can be done now stands in `acts`, each with the reason where it cannot: the page decides
 * nothing of that by itself.
 */
import { z } from 'zod';

const at = z.string();

/** Between when and when something ends, when that was said, and on what it rests. */
export const forecastShape = z.object({
  kind: z.enum(['plan', 'wave', 'account', 'restoration']),
  id: z.number(),
  madeAt: at,
  fromAt: at,
  likelyAt: at,
  toAt: at,
  basis: z.object({ done: z.number(), left: z.number(), underWay: z.number(), perHour: z.number().nullable(), waiting: z.number(), paused: z.boolean() }),
});
export type ForecastShape = z.infer<typeof forecastShape>;

/** How good earlier forecasts were: of those made when about a quarter was over, or later, and whose end is known. */
export const forecastRecord = z.object({
  /** Ends that were forecast and came. */
  ended: z.number(),
  /** Of these, how many lay in the range that was given at a quarter of the way. */
  within: z.number(),
  /** How far off the likely time of that forecast was, of the time from it to the end: the median. Null without any. */
  medianError: z.number().nullable(),
});
export type ForecastRecord = z.infer<typeof forecastRecord>;

/** What can be done to a plan; `allowed: false` has the reason in words for the operator. */
export const planActs = ['pause', 'resume', 'retry', 'promote', 'abort'] as const;
export type PlanAct = (typeof planActs)[number];
export const possibility = z.object({ allowed: z.boolean(), reason: z.string().nullable() });
export type Possibility = z.infer<typeof possibility>;

export const waveShape = z.object({
  id: z.number(),
  number: z.number(),
  name: z.string(),
  state: z.enum(['pending', 'running', 'done']),
  /** Who is to move, those held back left out. */
  accounts: z.number(),
  moved: z.number(),
  failed: z.number(),
  inFlight: z.number(),
  queued: z.number(),
  heldBack: z.number(),
  /** Moved, and carried back since. */
  rolledBack: z.number(),
  /** On their way back now. */
  goingBack: z.number(),
  startedAt: at.nullable(),
  endedAt: at.nullable(),
  forecast: forecastShape.nullable(),
  rollback: possibility,
});
export type WaveShape = z.infer<typeof waveShape>;

export const gateNames = ['false rejections', 'failed moves', 'receipt mismatches', 'reverse-follow lag', 'unavailable sign-ins', 'desk load'] as const;
export const gateShape = z.object({
  name: z.enum(gateNames),
  state: z.enum(['clean', 'passed', 'too little data']),
  text: z.string(),
  /** In the unit of `limit`: accounts, seconds or a share. */
  value: z.number().nullable(),
  limit: z.number(),
  /** Of late, the oldest first; a null has too little data. */
  series: z.array(z.object({ at, value: z.number().nullable() })),
});
export type GateShape = z.infer<typeof gateShape>;

/** Sign-ins at a platform in one bucket of time. */
const bucket = z.object({ at, signIns: z.number(), unavailable: z.number(), rejected: z.number(), falseRejections: z.number() });
/** Moved against not yet moved, in the same buckets. */
export const comparison = z.object({ bucketSeconds: z.number(), moved: z.array(bucket), notYet: z.array(bucket) });
export type Comparison = z.infer<typeof comparison>;

export const moveShape = z.object({
  id: z.number(),
  accountId: z.number(),
  address: z.string(),
  source: z.string(),
  target: z.string(),
  state: z.string(),
  messages: z.number(),
  bytes: z.number(),
  copiedMessages: z.number(),
  copiedBytes: z.number(),
  attempt: z.number(),
  error: z.string().nullable(),
  startedAt: at.nullable(),
});
export type MoveShape = z.infer<typeof moveShape>;

/** `act`: what was done, as in the audit (`cutover.pause`), or `incident.began`, `incident.ended`, `move.failed`. The page has the words. */
export const timelineEntry = z.object({
  at,
  act: z.string(),
  actor: z.string(),
  why: z.string().nullable(),
  wave: z.string().nullable(),
  accounts: z.number().nullable(),
  /** An address, a platform or a title: what else it is about. */
  about: z.string().nullable(),
});
export type TimelineEntry = z.infer<typeof timelineEntry>;

export const consoleState = z.object({
  at,
  /** Names of all plans, the newest first. */
  plans: z.array(z.string()),
  plan: z
    .object({
      id: z.number(),
      name: z.string(),
      source: z.string(),
      target: z.string(),
      state: z.enum(['ready', 'running', 'paused', 'done', 'aborted']),
      reason: z.string().nullable(),
      startedAt: at.nullable(),
      endedAt: at.nullable(),
      forecast: forecastShape.nullable(),
      acts: z.object({ pause: possibility, resume: possibility, retry: possibility, promote: possibility, abort: possibility }),
    })
    .nullable(),
  waves: z.array(waveShape),
  gates: z.array(gateShape),
  comparison,
  /** Moves that are going on, those furthest along first, at most 100; and how many there are. */
  moves: z.array(moveShape),
  openMoves: z.number(),
  /** Accounts of the plan whose last move failed, at most 100. */
  failures: z.array(z.object({ accountId: z.number(), address: z.string(), wave: z.string(), failure: z.string().nullable(), error: z.string().nullable(), endedAt: at.nullable() })),
  /** Held back from waves, at most 100. */
  heldBack: z.array(z.object({ accountId: z.number(), address: z.string(), by: z.string(), why: z.string(), at })),
  /** ms that customers waited in holds; `recent`: the latest hundred, the oldest first. */
  holds: z.object({ count: z.number(), p50: z.number().nullable(), p95: z.number().nullable(), longest: z.number().nullable(), recent: z.array(z.number()) }),
  /** How far behind former homes are. */
  lag: z.object({ following: z.number(), seconds: z.number(), worst: z.array(z.object({ address: z.string(), seconds: z.number(), error: z.string().nullable() })) }),
  revisions: z.array(forecastShape),
  restoration: forecastShape.nullable(),
  record: forecastRecord,
  timeline: z.array(timelineEntry),
});
export type ConsoleState = z.infer<typeof consoleState>;

const why = z.string().trim().min(3).max(500);
/** `POST /api/console/plans/NAME/ACT` */
export const planActRequest = z.strictObject({ why });
/** `POST /api/console/plans/NAME/waves/NUMBER/roll-back` */
export const waveRollbackRequest = z.strictObject({ why, homeIsDead: z.boolean().default(false) });
/** `POST /api/console/accounts/{hold-back,let-go,roll-back}`: by addresses, login names or recipients. */
export const accountsRequest = z.strictObject({ why, accounts: z.array(z.string().trim().min(1).max(320)).min(1).max(200) });
/** What an act did: to how many accounts, where it was to accounts. */
export const actAnswer = z.object({ accounts: z.number() });
