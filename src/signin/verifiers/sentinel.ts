/**
 * The sentinel: an account of ours at a platform, whose right secret is signed in again and again. Its acceptance is
 * the only proof that the platform's refusals mean something.
 *
 * Invariants: one round is under way at a time. A round of one sign-in begins every 2 s while the platform is asked at
 * all; after a minute without a question it rests. A refusal is proven by a round of many that began after it, all of
 * them accepted, and an acceptance that ended before it was asked for, with nothing but acceptances and no rest in
 * between: a platform that had been saying no to everybody, and recovers just after, is not believed; one that begins
 * to say no to some is found out before its first refusal is passed on. Nor is one believed that refused the sentinel
 * within the last minute: its secret is right, so a platform that refuses it now and then refuses customers so, too.
 */
import type { Clock } from '#events/clock.ts';
import type { Order } from '../verdict.ts';

/**
 * Sign-ins of a round that proves refusals. Of a platform that says no to 30 % of all, at random, 12 are accepted in
 * one of 70 rounds, 8 in one of 17, 1 in two of three.
 */
const PROOF = 12;
/** Of them side by side: below the sessions that a platform lets one account have (Dovecot 10, Courier 4). */
const ABREAST = 4;
/**
 * Between the beginnings of two rounds that prove, but for one in advance (a refusal after a rest needs two): all
 * refusals in between share one, so this bounds the load on the platform (3.5 sign-ins/s, while wrong secrets keep
 * coming), and with the round itself a refusal's delay.
 */
const DEMAND_MS = 3500;
/** How old the newest knowledge of a platform in use may be. */
const PERIOD_MS = 2000;
/** A platform that nobody asks is left alone. */
const IDLE_MS = 60_000;
/** Between the end of one sign-in and the beginning of the next; more was a rest, of which nothing is known. */
const GAP_MS = 3000;
/** Of a platform that says no to 30 % of its sign-ins, 30 rounds in a row are accepted once in 40,000 times. */
const DISTRUST_MS = 60_000;

export type SentinelOutcome = 'accepted' | 'refused' | 'failed';

/** `error`: why it failed. */
export type SentinelSignIn = { readonly outcome: SentinelOutcome; readonly error?: unknown };

export type Sentinel = {
  /** The platform was asked something: keeps the rounds going. True when they had been at rest. */
  asked(): boolean;
  /**
   * What a refusal of the platform is worth that has come, and was asked for at the moment `began` of the order.
   * `again`: the platform is well now, but whether it was then is not known. Waits for at most two rounds.
   */
  proof(began: number): Promise<'proven' | 'again' | 'unproven'>;
  /** Resolves after one round, the one under way if there is one. Never rejects. */
  round(): Promise<void>;
  /** The newest outcome, without asking. */
  readonly last: SentinelOutcome | undefined;
  close(): Promise<void>;
};

export function createSentinel(options: {
  /** Signs in; never rejects, and ends in bounded time. */
  signIn: () => Promise<SentinelSignIn>;
  order: Order;
  clock: Clock;
  /** Once a round: what went wrong in it, or that nothing did. */
  onOutcome: (outcome: SentinelSignIn) => void;
}): Sentinel {
  const { signIn, order, clock, onOutcome } = options;
  const stop = new AbortController();
  let last: SentinelOutcome | undefined;
  /** The newest round that proves. */
  let proving: { readonly outcome: SentinelOutcome; readonly began: number } | undefined;
  /** When the next of them is due; it may begin one DEMAND_MS before. */
  let provingDueAt = -Infinity;
  /** When the first of an unbroken row of accepted rounds ended. */
  let rowSince = Infinity;
  let refusedAt = -Infinity;
  let lastEndedAt = -Infinity;
  let running: Promise<void> | undefined;
  let lastBeganAt = -Infinity;
  let askedAt = -Infinity;
  let rounds: Promise<void> | undefined;

  function run(work: () => Promise<void>): Promise<void> {
    running ??= work().finally(() => {
      running = undefined;
    });
    return running;
  }

  async function round(size: number): Promise<SentinelOutcome> {
    stop.signal.throwIfAborted();
    lastBeganAt = clock.monotonic();
    let worst: SentinelSignIn = { outcome: 'accepted' };
    for (let left = size; left > 0 && worst.outcome === 'accepted'; left -= ABREAST) {
      const ends = await Promise.all(Array.from({ length: Math.min(left, ABREAST) }, signIn));
      worst = ends.find(({ outcome }) => outcome === 'refused') ?? ends.find(({ outcome }) => outcome === 'failed') ?? worst;
    }
    if (worst.outcome !== 'accepted') rowSince = Infinity;
    else if (rowSince === Infinity || lastBeganAt - lastEndedAt > GAP_MS) rowSince = order();
    lastEndedAt = clock.monotonic();
    if (worst.outcome === 'refused') refusedAt = lastEndedAt;
    last = worst.outcome;
    onOutcome(worst);
    return worst.outcome;
  }

  async function one(): Promise<void> {
    await round(1);
  }

  async function prove(): Promise<void> {
    const began = order();
    provingDueAt = Math.max(provingDueAt, clock.monotonic()) + DEMAND_MS;
    proving = { outcome: await round(PROOF), began };
  }

  async function repeat(): Promise<void> {
    try {
      while (clock.monotonic() - askedAt < IDLE_MS) {
        const wait = lastBeganAt + PERIOD_MS - clock.monotonic();
        if (wait > 0) await clock.sleep(wait, stop.signal);
        else await run(one);
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
      const later = (): typeof proving => (proving !== undefined && proving.began > came ? proving : undefined);
      try {
        while (later() === undefined) {
          const wait = running === undefined ? provingDueAt - DEMAND_MS - clock.monotonic() : 0;
          await (wait > 0 ? clock.sleep(wait, stop.signal) : run(prove));
        }
      } catch {
        return 'unproven';
      }
      if (later()?.outcome !== 'accepted') return 'unproven';
      return rowSince < began && clock.monotonic() - refusedAt >= DISTRUST_MS ? 'proven' : 'again';
    },
    round: () => run(one).catch(() => {}),
    get last() {
      return last;
    },
    async close() {
      stop.abort();
      await Promise.allSettled([running, rounds]);
    },
  };
}
