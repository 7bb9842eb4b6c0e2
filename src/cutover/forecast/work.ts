/** What a forecast is made from. Plain numbers. */

/** Amounts of work: accounts begun, messages and bytes carried, accounts ended, waves ended. */
export type Amounts = readonly [begun: number, messages: number, bytes: number, ended: number, waves: number];

/** A wave between the same platforms that has ended: how long it took, and what it was. */
export type PastWave = { readonly ms: number; readonly made: Amounts };

export type UnderWay = {
  readonly accountId: number;
  /** Since it was begun. */
  readonly elapsedMs: number;
  /** Of the account; 0 while it was not listed. */
  readonly messages: number;
  readonly bytes: number;
  readonly copiedMessages: number;
  readonly copiedBytes: number;
};

export type Size = { readonly messages: number; readonly bytes: number };

export type WaveWork = {
  readonly waveId: number;
  readonly state: 'pending' | 'running' | 'done';
  /** Since it began; 0 of one that has not. */
  readonly elapsedMs: number;
  readonly done: number;
  /** What those that have ended were, together. */
  readonly doneMade: Size;
  readonly underWay: readonly UnderWay[];
  /** Accounts that wait for their turn; of these nothing is known but how the others are. */
  readonly queued: number;
  /** Accounts whose move failed, or was called off: they wait for a person. */
  readonly waiting: number;
};

export type PlanWork = {
  readonly planId: number;
  readonly paused: boolean;
  readonly waves: readonly WaveWork[];
  /** The latest last, at most PAST. */
  readonly past: readonly PastWave[];
  /** Of accounts that this plan has moved. */
  readonly ownSizes: readonly Size[];
  /** Of accounts that other plans moved between these platforms: what is taken while of this plan none is known. */
  readonly otherSizes: readonly Size[];
  /** How far earlier forecasts were off at a quarter of the way: the logarithm of how many times longer it took than was likely. */
  readonly errors: readonly number[];
  /** Accounts an hour at the rate of late; null before one has ended. */
  readonly perHour: number | null;
};

/** The latest: platforms and machines change. */
export const PAST = 40;
/** Sizes that are drawn from. */
export const SAMPLE = 400;
