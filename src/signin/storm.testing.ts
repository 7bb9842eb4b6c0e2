/**
 * For tests only: platforms of several shapes, and clients that come whether or not they are served.
 *
 * Invariant: no real time passes; what is random comes from a seed.
 */
import { type Clock, NEEDLESS } from '#events/clock.ts';
import type { World } from './testing.ts';

/** 0 to 1, the same row for the same seed (Park and Miller). */
export function createRandom(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

export type Shape = {
  readonly name: string;
  /** Sign-ins a second that it can do. */
  readonly capacity: number;
  /** Resolves when a sign-in is done; rejects for one that fails. */
  serve(): Promise<void>;
  /** The share of the time since `from` (monotonic ms) in which it was at work. */
  busy(from: number): number;
};

/** `lanes` at a time, each taking `serviceMs` ± 20 %; more than that wait there, first come first served. */
export function lanes(clock: Clock, random: () => number, { lanes: count, serviceMs, errors = 0 }: { lanes: number; serviceMs: number; errors?: number }): Shape {
  const free = Array<number>(count).fill(0);
  let work: { began: number; ended: number }[] = [];
  return {
    name: `${count} lanes of ${serviceMs} ms${errors > 0 ? `, ${errors * 100} % errors` : ''}`,
    capacity: (count * 1000) / serviceMs,
    async serve() {
      const now = clock.monotonic();
      let lane = 0;
      for (let i = 1; i < count; i++) if (free[i]! < free[lane]!) lane = i;
      const began = Math.max(now, free[lane]!);
      const ended = began + serviceMs * (0.8 + 0.4 * random());
      free[lane] = ended;
      work.push({ began, ended });
      const fails = random() < errors;
      await clock.sleep(ended - now);
      if (fails) throw new Error('an error of the platform');
    },
    busy(from) {
      const until = clock.monotonic();
      const spent = work.reduce((sum, { began, ended }) => sum + Math.max(0, Math.min(ended, until) - Math.max(began, from)), 0);
      work = [];
      return spent / ((until - from) * count);
    },
  };
}

/** As many at a time as come, but only `capacity` a second, one after another; each takes `baseMs` beside. */
export function tokens(clock: Clock, { capacity, baseMs }: { capacity: number; baseMs: number }): Shape {
  let next = 0;
  let given: number[] = [];
  return {
    name: `${capacity} tokens a second and ${baseMs} ms`,
    capacity,
    async serve() {
      const now = clock.monotonic();
      const at = Math.max(now, next);
      next = at + 1000 / capacity;
      given.push(at);
      await clock.sleep(at - now + baseMs);
    },
    busy(from) {
      const until = clock.monotonic();
      const spent = given.filter((at) => at >= from && at < until).length;
      given = [];
      return spent / (((until - from) / 1000) * capacity);
    },
  };
}

export type Visit = { readonly login: string; readonly secret: string; readonly network: string; /** When it first came, and when it was let in; monotonic ms. */ readonly came: number; in: number | undefined; /** How long the attempt that was let in took. */ took: number };

const GIVE_UP_MS = 10_000;

/** A client as the storm's bench has them: gives up after 10 s, and comes again 1 ± 0.5 s after a refusal or giving up. */
export async function visit(
  world: World,
  { login, secret, network }: { login: string; secret: string; network: string },
  parts: { random: () => number; holdBack: (since: number, signal: AbortSignal) => Promise<void>; until: number; onVerdict?: (verdict: string) => void },
): Promise<Visit> {
  const { clock } = world;
  const { random, holdBack, until } = parts;
  const self: Visit = { login, secret, network, came: clock.monotonic(), in: undefined, took: 0 };
  while (clock.monotonic() < until) {
    const began = clock.monotonic();
    const gone = new AbortController();
    const over = new AbortController();
    clock.sleep(GIVE_UP_MS, over.signal).then(
      () => gone.abort(),
      () => {},
    );
    const verdict = await world.signIn.attempt({ protocol: 'imap', login, secret, network }, () => 1, gone.signal);
    parts.onVerdict?.(verdict.verdict === 'unavailable' ? `unavailable ${verdict.reason}` : verdict.verdict);
    if (verdict.verdict === 'accepted' && !gone.signal.aborted) {
      over.abort(NEEDLESS);
      self.in = clock.monotonic();
      self.took = self.in - began;
      return self;
    }
    if (verdict.verdict === 'rejected' && !gone.signal.aborted) {
      over.abort(NEEDLESS);
      return self;
    }
    await holdBack(began, gone.signal);
    over.abort(NEEDLESS);
    await clock.sleep(500 + 1000 * random());
  }
  return self;
}

/** Of numbers, the one that the share `p` of them does not exceed. */
export function percentile(numbers: readonly number[], p: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? 0;
}
