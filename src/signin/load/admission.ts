/**
 * Who is let to a scarce thing, a place at a verifier or a hashing thread, when there is more to do than can be done.
 *
 * No place is ever free while somebody waits. Whoever could not be served in time is refused at once: who claims least
 * (`claim.ts`) among those who wait and the newcomer. Of equal claims the newest is served first, since the oldest callers have
 * gone. A burst may make people wait for as long as they are willing to; a queue that does not end is kept short, so
 * that those who are let in come in soon (CoDel's idea, with Facebook's adaptive LIFO: Maurer, "Fail at Scale").
 *
 * Invariants: at most `concurrency` run (what runs when it shrinks is let end) and `queue` wait; nobody waits longer
 * than `patienceMs`; who has gone waits no more; what began is let end, since what it finds serves the next attempt.
 */
import type { Clock } from '#events/clock.ts';
import { CausewayError } from '#errors/index.ts';
import { type Claim, rankOf } from './claim.ts';
import { firstCohort } from './cohorts.ts';

export type Admission = {
  /** @throws CausewayError('limit') when there was no room in time, the claim's reason when it has gone; else as `work` */
  run<T>(claim: Claim, work: () => Promise<T>): Promise<T>;
  /** Whether `run` would refuse the claim now. For thousands a second: it costs next to nothing. */
  isFull(claim: Claim): boolean;
  readonly running: number;
  readonly waiting: number;
};

type Waiter = { readonly claim: Claim; readonly since: number; start(): void; refuse(why: unknown): void };

/** One for all: under a storm the stacks of thousands a second cost more than their admission. */
const NO_ROOM = new CausewayError('limit', 'no room to check', { retryable: true });

/** The mean time of the last some twenty pieces of work: follows a busy machine within a second, and no single stray. */
const SMOOTHING = 0.05;

/** In a queue that stands: with a second for the check itself, those who are let in come in within two. */
const STANDING_WAIT_MS = 1_000;

/** Longer than the longest wait that a burst may bring: a queue that has not been empty for so long is no burst. */
const STANDING = 1.25;

export function createAdmission(options: {
  /** A number, or what tells it from moment to moment. */
  concurrency: number | { readonly limit: number };
  queue: number;
  /** How long somebody may wait for the end of a burst. */
  patienceMs: number;
  clock: Clock;
}): Admission {
  const { concurrency, queue, patienceMs, clock } = options;
  const most = (): number => (typeof concurrency === 'number' ? concurrency : concurrency.limit);
  /** In the order in which they came. */
  const waiters: Waiter[] = [];
  let running = 0;
  let workMs = 0;
  let emptyAt = clock.monotonic();
  /** The rank of who claims least, while it is known; most who come in a storm are behind it. */
  let last: { readonly rank: number; readonly first: number } | undefined;

  const waitMs = (): number => (clock.monotonic() - emptyAt > STANDING * patienceMs ? Math.min(STANDING_WAIT_MS, patienceMs) : patienceMs);

  /** So many can wait and still be served in time. As many as follow at once always may, so that there is a choice. */
  function room(): number {
    if (workMs === 0) return queue;
    return Math.min(queue, Math.max(most() / 4, (waitMs() * most()) / workMs));
  }

  /** Where the one is that comes first, or last. */
  function find(best: boolean): number {
    const first = firstCohort(clock.now());
    let found = -1;
    let rank = 0;
    for (let at = waiters.length - 1; at >= 0; at--) {
      const other = rankOf(waiters[at]!.claim, first);
      // From the newest on, so that of equals it comes first; and the oldest last.
      if (found >= 0 && (best ? other >= rank : other < rank)) continue;
      found = at;
      rank = other;
    }
    if (!best) last = { rank, first };
    return found;
  }

  function take(at: number): Waiter {
    const [waiter] = waiters.splice(at, 1);
    last = undefined;
    if (waiters.length === 0) emptyAt = clock.monotonic();
    return waiter!;
  }

  function next(): void {
    const late = clock.monotonic() - waitMs();
    while (waiters.length > 0 && waiters[0]!.since < late) take(0).refuse(NO_ROOM);
    while (running < most() && waiters.length > 0) {
      running += 1;
      take(find(true)).start();
    }
  }

  const isCrowded = (): boolean => waiters.length > 0 && waiters.length + 1 > room();

  /** Whether all who wait claim more. */
  function isBehind(claim: Claim): boolean {
    const first = firstCohort(clock.now());
    if (last?.first !== first) find(false);
    return rankOf(claim, first) > last!.rank;
  }

  function turn(claim: Claim): Promise<void> {
    if (claim.signal?.aborted) return Promise.reject(claim.signal.reason);
    if (waiters.length === 0) emptyAt = clock.monotonic();
    if (running < most() && waiters.length === 0) {
      running += 1;
      return Promise.resolve();
    }
    if (isCrowded()) {
      if (isBehind(claim)) return Promise.reject(NO_ROOM);
      take(find(false)).refuse(NO_ROOM);
    }
    return new Promise((resolve, reject) => {
      let late = (): void => {};
      const over = (): void => {
        late();
        claim.signal?.removeEventListener('abort', onAbort);
      };
      const waiter: Waiter = {
        claim,
        since: clock.monotonic(),
        start() {
          over();
          resolve();
        },
        refuse(why) {
          over();
          reject(why);
        },
      };
      const leave = (why: unknown): void => {
        const at = waiters.indexOf(waiter);
        if (at >= 0) take(at).refuse(why);
      };
      const onAbort = (): void => leave(claim.signal?.reason);
      claim.signal?.addEventListener('abort', onAbort, { once: true });
      waiters.push(waiter);
      last = undefined;
      next();
      if (!waiters.includes(waiter)) return;
      late = clock.after(patienceMs, () => leave(NO_ROOM));
    });
  }

  return {
    async run(claim, work) {
      await turn(claim);
      const began = clock.monotonic();
      try {
        return await work();
      } finally {
        const took = clock.monotonic() - began;
        workMs = workMs === 0 ? took : workMs + SMOOTHING * (took - workMs);
        running -= 1;
        next();
      }
    },
    isFull: (claim) => isCrowded() && isBehind(claim),
    get running() {
      return running;
    },
    get waiting() {
      return waiters.length;
    },
  };
}
