/**
 * When work will be done, from what has been done. Pure.
 *
 * Work has a cost per message and one per byte, in a mixture that depends on both platforms and changes from mailbox to
 * mailbox. So the range is from the soonest to the latest of what each unit says alone, at the rate of the whole and at
 * the rate of late; and that is likely which the costs of all units together say (cutover/forecast/costs.ts). Many servers
 * take the longer over a message the more there are in its mailbox, so each unit has a second cost, which grows with what
 * is done. How it grows is told by many short pieces, each of what was done between two looks; of one account's messages
 * some growth is expected before any is seen.
 *
 * One account's move begins with lists of all its mailboxes, and ends with them once more. That is taken to last half as
 * long as the beginning did: by then the connections and the target's mailboxes are there.
 */
import { costs, type Piece } from '#cutover/forecast/costs.ts';

export type Amounts = Readonly<Record<string, number>>;

export type Forecast = { readonly lowMs: number; readonly likelyMs: number; readonly highMs: number };

/** The rate of late: long enough that one large message is no forecast. */
const WINDOW_MS = 30_000;
/** Before it, what was done is mostly signing in. */
const FIRST_MS = 1_500;
/** Of the work: less says nothing of the rest. */
const FIRST_SHARE = 0.01;
/** Of a unit, before it can be told whether it grows dearer: a few rises fit any curve. */
const RISES = 12;
/**
 * So much dearer is a message taken to be once all are there, where what was seen tells less. At first the path is what
 * bounds a move, and nothing of it is seen: it was two to three times as dear for 100,000 messages in one mailbox of a
 * Dovecot. It is no more than what a move that grows no dearer allows within a fifth.
 */
const DEARER = 1 / 3;
/** Of what the beginning took: 0.1 to 2.5 of it in six moves of 800 to 40,000 messages on a busy machine, most of them about this. */
const ENDING = 0.5;
/** The end is not known better than by this factor, however well all that was seen goes together. */
const DOUBT = 1.3;
/** As often as anybody looks. */
const LOOK_MS = 200;
/** Kept of the whole: beyond it each two become one. */
const SAMPLES = 1_000;

export type Forecaster = {
  /** What is done at a time. A unit that is not known at both is left out. */
  seen(atMs: number, done: Amounts): void;
  /**
   * @param of all the work, in the units that are known @param alone one account's move
   * @returns undefined while too little is done
   */
  left(of: Amounts, alone?: boolean): Forecast | undefined;
};

type Term = { readonly unit: string; readonly power: number };

type Sample = { readonly atMs: number; readonly done: Amounts };

export function createForecaster(): Forecaster {
  let last: Sample | undefined;
  let beganMs: number | undefined;
  let changedMs = 0;
  let samples: Sample[] = [];
  return {
    seen(atMs, done) {
      beganMs ??= atMs;
      if (Object.entries(done).some(([unit, amount]) => amount > (last?.done[unit] ?? 0))) changedMs = atMs;
      last = { atMs, done: { ...done } };
      // Until something is done all is waiting and signing in.
      if (samples.every((sample) => Object.values(sample.done).every((amount) => amount === 0))) samples = [];
      const former = samples.at(-1);
      if (former === undefined || atMs - former.atMs >= LOOK_MS) samples.push(last);
      if (samples.length > SAMPLES) samples = samples.filter((_, at) => at % 2 === 0);
    },
    left(of, alone = false) {
      const [first] = samples;
      if (first === undefined || last === undefined || last.atMs - first.atMs < FIRST_MS) return undefined;
      const now = last;
      // The first sample is the first look at which something was done.
      const thenMs = alone ? (first.atMs - beganMs!) * ENDING : 0;
      const whole = samples.at(-1) === now ? samples : [...samples, now];
      // From the last sample that is a window old, or from the first.
      const start = Math.max(0, whole.findLastIndex(({ atMs }) => now.atMs - atMs >= WINDOW_MS));
      const known = Object.keys(of).filter((unit) => of[unit]! > 0 && (now.done[unit] ?? 0) >= of[unit]! * FIRST_SHARE);
      const rest = known.map((unit) => Math.max(0, of[unit]! - now.done[unit]!));
      if (known.length > 0 && rest.every((amount) => amount === 0)) return { lowMs: 0, likelyMs: Math.max(0, thenMs - (now.atMs - changedMs)), highMs: thenMs };
      // Once as they are, once as they grow dearer: where enough was done at different times to tell the one from the other.
      const rises = (unit: string): number => whole.slice(1).filter((sample, at) => (sample.done[unit] ?? 0) > (whole[at]!.done[unit] ?? 0)).length;
      const even = known.map((unit) => ({ unit, power: 1 }));
      const terms = known.flatMap((unit) => (rises(unit) < RISES ? [1] : [1, 2]).map((power) => ({ unit, power })));
      const between = (by: readonly Term[], from: Amounts, to: Amounts): number[] => by.map(({ unit, power }) => ((to[unit] ?? 0) / of[unit]!) ** power - ((from[unit] ?? 0) / of[unit]!) ** power);
      // Of one large message nothing grows. Else which of its units costs it is not known, where all messages are of a size.
      const dearer = alone && known.includes('messages') ? 1 + (DEARER * rest[known.indexOf('messages')]!) / of['messages']! : 1;
      const times: number[] = [];
      const likely: number[] = [];
      for (const some of start === 0 ? [whole] : [whole, whole.slice(start)]) {
        const since = some[0]!;
        const ms = now.atMs - since.atMs;
        if (ms < FIRST_MS) continue;
        known.forEach((unit, at) => {
          const made = now.done[unit]! - (since.done[unit] ?? 0);
          if (made > 0) times.push((rest[at]! / made) * ms);
        });
        const expected = (by: readonly Term[]): number => {
          const found = costs(some.slice(1).map((sample, at): Piece => ({ ms: sample.atMs - some[at]!.atMs, made: between(by, some[at]!.done, sample.done) })), by.length);
          const ahead = between(by, now.done, of);
          return found.reduce((sum, cost, at) => sum + cost * ahead[at]!, 0);
        };
        const left = Math.max(expected(terms), dearer * expected(even));
        if (left > 0) likely.push(left);
      }
      if (times.length === 0 || likely.length === 0) return undefined;
      const likelyMs = likely.reduce((sum, ms) => sum + ms, 0) / likely.length;
      return { lowMs: Math.min(...times, likelyMs / DOUBT) + thenMs, likelyMs: likelyMs + thenMs, highMs: Math.max(...times, likelyMs * DOUBT) + thenMs };
    },
  };
}

/** `about 3 min`; `4 to 9 min, 6 likely`. */
export function forecastText({ lowMs, likelyMs, highMs }: Forecast): string {
  const [unit, ms] = highMs < 90_000 ? ['s', 1_000] : highMs < 90 * 60_000 ? ['min', 60_000] : ['h', 3_600_000];
  const [low, likely, high] = [lowMs, likelyMs, highMs].map((each) => Math.round(each / Number(ms)));
  return low === high ? `about ${high} ${unit}` : `${low} to ${high} ${unit}, ${likely} likely`;
}
