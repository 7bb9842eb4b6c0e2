/**
 * The sentinel: an account of ours at a platform, whose right secret is signed in again and again. Its acceptance is
 * the only proof that the platform's refusals mean something.
 *
 * Invariants: at most one sign-in is under way; one begins at most every 300 ms when asked for, and every 2 s while the
 * platform is asked at all; after a minute without a question it rests. A refusal is proven by an acceptance that began
 * after it, and one that ended before it was asked for, with nothing but acceptances and no rest in between: a platform
 * that had been saying no to everybody, and recovers just after, is not believed. Nor is one that refused the sentinel
 * within the last minute: its secret is right, so a platform that refuses it now and then refuses customers so, too.
 */
import type { Clock } from '#events/clock.ts';
import type { Order } from './verdict.ts';

/** A refusal waits for the next beginning, so this bounds both its delay and the load on the platform (3.3/s). */
const DEMAND_MS = 300;
/** How old the newest knowledge of a platform in use may be. */
const PERIOD_MS = 2000;
/** A platform that nobody asks is left alone. */
const IDLE_MS = 60_000;
/** Between the end of one sign-in and the beginning of the next; more was a rest, of which nothing is known. */
const GAP_MS = 3000;
/** Of a platform that says no to 30 % of its sign-ins, 30 rounds in a row are accepted once in 40,000 times. */
const DISTRUST_MS = 60_000;

export type SentinelOutcome = 'accepted' | 'refused' | 'failed';

export type Sentinel = {
  /** The platform was asked something: keeps the rounds going. True when they had been at rest. */
  asked(): boolean;
  /**
   * What a refusal of the platform is worth that has come, and was asked for at the moment `began` of the order.
   * `again`: the platform is well now, but whether it was then is not known. Waits for at most two sign-ins.
   */
  proof(began: number): Promise<'proven' | 'again' | 'unproven'>;
  /** Resolves after one sign-in, the one under way if there is one. Never rejects. */
  round(): Promise<void>;
  /** The newest outcome, without asking. */
  readonly last: SentinelOutcome | undefined;
  close(): Promise<void>;
};

export function createSentinel(options: {
  /** Signs in; never rejects, and ends in bounded time. */
  signIn: () => Promise<SentinelOutcome>;
  order: Order;
  clock: Clock;
  onOutcome: (outcome: SentinelOutcome) => void;
}): Sentinel {
  const { signIn, order, clock, onOutcome } = options;
  const stop = new AbortController();
  let last: { outcome: SentinelOutcome; began: number } | undefined;
  /** When the first of an unbroken row of acceptances ended. */
  let rowSince = Infinity;
  let refusedAt = -Infinity;
  let lastEndedAt = -Infinity;
  let running: Promise<void> | undefined;
  let lastBeganAt = -Infinity;
  let askedAt = -Infinity;
  let rounds: Promise<void> | undefined;

  function run(): Promise<void> {
    running ??= once().finally(() => {
      running = undefined;
    });
    return running;
  }

  async function once(): Promise<void> {
    const wait = lastBeganAt + DEMAND_MS - clock.monotonic();
    if (wait > 0) await clock.sleep(wait, stop.signal);
    stop.signal.throwIfAborted();
    const began = order();
    lastBeganAt = clock.monotonic();
    const outcome = await signIn();
    if (outcome !== 'accepted') rowSince = Infinity;
    else if (rowSince === Infinity || lastBeganAt - lastEndedAt > GAP_MS) rowSince = order();
    lastEndedAt = clock.monotonic();
    if (outcome === 'refused') refusedAt = lastEndedAt;
    last = { outcome, began };
    onOutcome(outcome);
  }

  async function repeat(): Promise<void> {
    try {
      while (clock.monotonic() - askedAt < IDLE_MS) {
        const wait = lastBeganAt + PERIOD_MS - clock.monotonic();
        if (wait > 0) await clock.sleep(wait, stop.signal);
        else await run();
      }
    } catch {
      // Closed.
    }
    rounds = undefined;
  }

  return {
    asked() {
      askedAt = clock.monotonic();
      if (stop.signal.aborted || rounds !== undefined) return false;
      rounds = repeat();
      return true;
    },
    async proof(began) {
      const came = order();
      const later = (): typeof last => (last !== undefined && last.began > came ? last : undefined);
      try {
        while (later() === undefined) await run();
      } catch {
        return 'unproven';
      }
      if (later()?.outcome !== 'accepted') return 'unproven';
      return rowSince < began && clock.monotonic() - refusedAt >= DISTRUST_MS ? 'proven' : 'again';
    },
    round: () => run().catch(() => {}),
    get last() {
      return last?.outcome;
    },
    async close() {
      stop.abort();
      await Promise.allSettled([running, rounds]);
    },
  };
}
