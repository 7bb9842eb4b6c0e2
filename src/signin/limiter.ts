/**
 * Bounded concurrency with a short queue.
 *
 * Newest first, where the time of a piece of work is not ours to know: when there is more than can be done, the oldest
 * callers have gone already, and the newest can still be served in time. Oldest first, where it is (a hash is nothing
 * but computing): then a newcomer who could not be served in time is refused at once, and whoever was let wait is
 * served. With newest first a mere burst starves those who came first, though there is time for all.
 *
 * Invariants: at most `concurrency` run (what runs when it shrinks is let end) and `queue` wait; nobody waits longer than `waitMs`; whoever finds no room is
 * told so at once: with newest first the one that waited longest, else the newcomer.
 */
import type { Clock } from '#events/clock.ts';
import { CausewayError } from '#errors/index.ts';

export type Limiter = {
  /** @throws CausewayError('limit') when there was no room in time; else as `work` */
  run<T>(work: () => Promise<T>): Promise<T>;
  readonly running: number;
  readonly waiting: number;
};

type Waiter = { start(): void; refuse(): void };

/** The mean time of the last some twenty pieces of work: follows a busy machine within a second, and no single stray. */
const SMOOTHING = 0.05;

export function createLimiter(options: {
  /** A number, or what tells it from moment to moment. */
  concurrency: number | { readonly limit: number };
  queue: number;
  waitMs: number;
  clock: Clock;
  order?: 'newest' | 'oldest';
}): Limiter {
  const { concurrency, queue, waitMs, clock, order = 'newest' } = options;
  const most = (): number => (typeof concurrency === 'number' ? concurrency : concurrency.limit);
  const waiters: Waiter[] = [];
  let running = 0;
  let workMs = 0;

  const expectedWaitMs = (): number => ((waiters.length + 1) * workMs) / most();

  function turn(): Promise<void> {
    if (running < most()) {
      running += 1;
      return Promise.resolve();
    }
    if (order === 'oldest' && (waiters.length >= queue || expectedWaitMs() > waitMs)) return Promise.reject(noRoom());
    if (waiters.length >= queue) waiters.shift()?.refuse();
    return new Promise((resolve, reject) => {
      const done = new AbortController();
      const waiter: Waiter = {
        start() {
          done.abort();
          resolve();
        },
        refuse() {
          done.abort();
          reject(noRoom());
        },
      };
      waiters.push(waiter);
      clock.sleep(waitMs, done.signal).then(
        () => {
          const at = waiters.indexOf(waiter);
          if (at < 0) return;
          waiters.splice(at, 1);
          waiter.refuse();
        },
        () => {},
      );
    });
  }

  return {
    async run(work) {
      await turn();
      const began = clock.monotonic();
      try {
        return await work();
      } finally {
        const took = clock.monotonic() - began;
        workMs = workMs === 0 ? took : workMs + SMOOTHING * (took - workMs);
        running -= 1;
        while (running < most() && waiters.length > 0) {
          running += 1;
          (order === 'newest' ? waiters.pop() : waiters.shift())!.start();
        }
      }
    },
    get running() {
      return running;
    },
    get waiting() {
      return waiters.length;
    },
  };
}

function noRoom(): CausewayError {
  return new CausewayError('limit', 'no room to check', { retryable: true });
}
