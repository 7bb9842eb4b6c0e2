/**
 * Bounded concurrency with a short queue, newest first: when there is more than can be done, the oldest callers have
 * gone already, and the newest can still be served in time.
 *
 * Invariants: at most `concurrency` run and `queue` wait; nobody waits longer than `waitMs`; whoever finds no room is
 * told so at once, the one that waited longest first.
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

export function createLimiter(options: { concurrency: number; queue: number; waitMs: number; clock: Clock }): Limiter {
  const { concurrency, queue, waitMs, clock } = options;
  const stack: Waiter[] = [];
  let running = 0;

  function turn(): Promise<void> {
    if (running < concurrency) {
      running += 1;
      return Promise.resolve();
    }
    if (stack.length >= queue) stack.shift()?.refuse();
    return new Promise((resolve, reject) => {
      const done = new AbortController();
      const waiter: Waiter = {
        start() {
          done.abort();
          resolve();
        },
        refuse() {
          done.abort();
          reject(new CausewayError('limit', 'no room to check', { retryable: true }));
        },
      };
      stack.push(waiter);
      clock.sleep(waitMs, done.signal).then(
        () => {
          const at = stack.indexOf(waiter);
          if (at < 0) return;
          stack.splice(at, 1);
          waiter.refuse();
        },
        () => {},
      );
    });
  }

  return {
    async run(work) {
      await turn();
      try {
        return await work();
      } finally {
        // The place goes over to the newest, so `running` stays as it is.
        const next = stack.pop();
        if (next === undefined) running -= 1;
        else next.start();
      }
    },
    get running() {
      return running;
    },
    get waiting() {
      return stack.length;
    },
  };
}
