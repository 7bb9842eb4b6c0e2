/**
 * When the waves of a plan end. Pure.
 *
 * Work has a cost for each account that is begun, each message, each byte, each account that ends (its last rounds and its
 * hold) and each wave: movers begin many accounts before the first ends, so at first there are many messages and no ends, and
 * at the end it is the other way round. What each costs is learnt from waves that have ended between the same platforms; how
 * fast it goes now, from what this wave has got through. A play draws sizes for accounts that nobody has looked into, a
 * sample of the waves to learn from, and an error like those of earlier forecasts.
 *
 * Invariants: nothing is said before something was seen. The range is as wide as earlier forecasts were off, and never
 * narrower than the plays differ; so how wide it is, is learnt, too.
 */
import { costs } from './costs.ts';
import type { Amounts, PastWave, PlanWork, Size, UnderWay, WaveWork } from './work.ts';

/** Nine of ten ends shall lie within; beyond some hundred plays little changes. */
const PLAYS = 150;
const LOW = 0.05;
const HIGH = 0.95;
/** ms, before anything was learnt: one with another on small machines. Their proportions matter, not their size. */
const DEFAULTS: Amounts = [40, 3, 0.00005, 60, 1_500];
/** Waves of which the proportions may be learnt; with fewer they are the above. */
const LEARNT = 4;
/** How far a forecast is off before there are earlier ones: half as long, or nearly twice. And for how many of them that stands. */
const ERROR = 0.35;
const ERROR_COUNT = 4;
/** Even a perfect past does not make the future certain. */
const LEAST_ERROR = 0.06;
/** One wave that stood still for an hour does not widen all that follow for ever. */
const MOST_ERROR = 0.8;
/** Accounts drawn one by one; beyond it each stands for several: this is done beside sign-ins, and a sum of many hardly varies. */
const DRAWN = 200;
/** So many accounts of its own outweigh what other plans' accounts say of sizes. */
const OWN = 2;
/** Until a speed of its own is believed over that of earlier waves, of the time that this wave should take: the first second is mostly chance. */
const BELIEVED = 0.25;

export type Spread = { readonly lowMs: number; readonly likelyMs: number; readonly highMs: number };
export type Played = { readonly waves: ReadonlyMap<number, Spread>; readonly plan: Spread };

/** @param random 0 to below 1 @returns undefined while too little was seen */
export function play(work: PlanWork, random: () => number): Played | undefined {
  const open = work.waves.filter((wave) => wave.state !== 'done');
  const running = open.find((wave) => wave.state === 'running');
  const done = running === undefined ? undefined : madeOf(running);
  const isSeen = done !== undefined && (done[1] > 0 || done[3] > 0);
  const sizes = sizesOf(work);
  if (!(isSeen || work.past.length > 0) || sizes.own.length + sizes.others.length === 0) return undefined;
  const error = errorOf(work.errors);
  const rests = new Map(open.map((wave) => [wave.waveId, restOf(wave)]));
  const ends = new Map<number, number[]>(open.map((wave) => [wave.waveId, []]));
  for (let n = 0; n < PLAYS; n += 1) {
    const past = Array.from({ length: work.past.length }, () => work.past[Math.floor(random() * work.past.length)]!);
    const cost = costOf(past);
    const speed = isSeen ? speedOf(running!, rests.get(running!.waveId)!, done, cost, past.length > 0) : 1;
    const draw = drawSizes(sizes, random);
    const off = Math.exp(error * gauss(random)) * speed;
    let at = 0;
    for (const wave of open) {
      const rest = rests.get(wave.waveId)!;
      at += Math.max(dot(cost, leftOf(rest, draw)) * off, rest.aloneMs);
      ends.get(wave.waveId)!.push(at);
    }
  }
  const waves = new Map([...ends].map(([id, times]) => [id, spread(times)]));
  return { waves, plan: [...waves.values()].at(-1) ?? { lowMs: 0, likelyMs: 0, highMs: 0 } };
}

const dot = (cost: Amounts, amounts: Amounts): number => amounts.reduce((sum, amount, at) => sum + amount * cost[at]!, 0);

function madeOf({ done, doneMade, underWay }: WaveWork): Amounts {
  const way = (of: (each: UnderWay) => number): number => underWay.reduce((total, each) => total + of(each), 0);
  return [done + underWay.length, doneMade.messages + way(({ copiedMessages }) => copiedMessages), doneMade.bytes + way(({ copiedBytes }) => copiedBytes), done, 0];
}

/** What is left of a wave, as far as it is known; `unknown`: accounts that nobody has looked into. */
type Rest = { readonly messages: number; readonly bytes: number; readonly queued: number; readonly unknown: number; readonly accounts: number; readonly begun: boolean; readonly aloneMs: number };

function restOf({ state, underWay, queued }: WaveWork): Rest {
  const listed = underWay.filter(({ messages }) => messages > 0);
  const sum = (of: (each: UnderWay) => number): number => listed.reduce((total, each) => total + Math.max(0, of(each)), 0);
  return {
    messages: sum((each) => each.messages - each.copiedMessages),
    bytes: sum((each) => each.bytes - each.copiedBytes),
    queued,
    unknown: queued + underWay.length - listed.length,
    accounts: underWay.length + queued,
    begun: state === 'running',
    // One very large account is carried no faster for the others being done.
    aloneMs: listed.reduce((most, each) => (each.copiedMessages === 0 ? most : Math.max(most, ((each.messages - each.copiedMessages) / each.copiedMessages) * each.elapsedMs)), 0),
  };
}

function leftOf({ messages, bytes, queued, unknown, accounts, begun }: Rest, draw: () => Size): Amounts {
  if (accounts === 0) return [0, 0, 0, 0, 0];
  const drawn = Math.min(unknown, DRAWN);
  const sizes = Array.from({ length: drawn }, draw);
  const each = drawn === 0 ? 0 : unknown / drawn;
  // Of what a wave costs by itself, about half is its beginning.
  return [queued, messages + sizes.reduce((sum, size) => sum + size.messages, 0) * each, bytes + sizes.reduce((sum, size) => sum + size.bytes, 0) * each, accounts, begun ? 0.5 : 1];
}

/** What each amount costs, in ms of the whole: as learnt from waves that have ended, held a little to the proportions that are usual. */
function costOf(past: readonly PastWave[]): Amounts {
  if (past.length === 0) return DEFAULTS;
  const total = past.reduce((sum, { ms }) => sum + ms, 0);
  const usual = total / past.reduce((sum, { made }) => sum + dot(DEFAULTS, made), 0);
  const scaled = DEFAULTS.map((cost) => cost * usual) as unknown as Amounts;
  if (past.length < LEARNT) return scaled;
  const mean = scaled.map((_, at) => past.reduce((sum, { made }) => sum + made[at]!, 0) / past.length);
  const held = scaled.map((cost, at) => ({ ms: cost * mean[at]!, made: mean.map((amount, unit) => (unit === at ? amount : 0)) }));
  return costs([...past, ...held], DEFAULTS.length) as unknown as Amounts;
}

/** How many times the time that it should have taken this wave has taken so far. */
function speedOf(wave: WaveWork, rest: Rest, made: Amounts, cost: Amounts, learnt: boolean): number {
  const due = dot(cost, [made[0], made[1], made[2], made[3], 0.5]);
  const whole = due + dot(cost, leftOf(rest, () => ({ messages: 0, bytes: 0 })));
  // At the beginning it is mostly chance: what others took counts beside it.
  const doubt = whole * (learnt ? BELIEVED : BELIEVED / 4);
  return (wave.elapsedMs + doubt) / (due + doubt);
}

type Sizes = { readonly own: readonly Size[]; readonly others: readonly Size[] };

/** Of those under way, too: by those that have ended alone all would be small at the beginning. */
function sizesOf({ waves, ownSizes, otherSizes }: PlanWork): Sizes {
  return { own: [...ownSizes, ...waves.flatMap(({ underWay }) => underWay.filter(({ messages }) => messages > 0))], others: otherSizes };
}

/** One play's: a sample of each, drawn anew for each play. */
function drawSizes({ own, others }: Sizes, random: () => number): () => Size {
  const sample = (of: readonly Size[]): Size[] => Array.from({ length: of.length }, () => of[Math.floor(random() * of.length)]!);
  const [ours, theirs] = [sample(own), sample(others)];
  const share = others.length === 0 ? 1 : own.length / (own.length + OWN);
  return () => {
    const from = random() < share ? ours : theirs;
    return from[Math.floor(random() * from.length)]!;
  };
}

/** The spread of earlier errors, of which a few usual ones are always part. */
function errorOf(errors: readonly number[]): number {
  const squares = errors.reduce((sum, error) => sum + Math.min(MOST_ERROR, Math.abs(error)) ** 2, 0);
  return Math.max(LEAST_ERROR, Math.sqrt((squares + ERROR_COUNT * ERROR ** 2) / (errors.length + ERROR_COUNT)));
}

function spread(times: readonly number[]): Spread {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  return { lowMs: at(LOW), likelyMs: at(0.5), highMs: at(HIGH) };
}

function gauss(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
