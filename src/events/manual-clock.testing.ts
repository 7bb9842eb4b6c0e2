/**
 * A clock for tests that stands until it is told.
 *
 * Invariant: timers fire in the order in which they are due, and of one moment in that in which they were set.
 */
import type { Clock } from './clock.ts';

export type ManualClock = Clock & {
  /** Moves it within this turn: what is due by then fires, what that sets off runs later. */
  advance(ms: number): void;
  /** Lets `ms` pass: everything that a timer sets off runs before the next one fires. */
  pass(ms: number): Promise<void>;
  /** How many sleep. */
  readonly sleeping: number;
};

/** @param start what `now` tells first, in ms */
export function createManualClock(start = 1_700_000_000_000): ManualClock {
  let passed = 0;
  const timers = createTimers();
  const turn = async (): Promise<void> => {
    for (let i = 0; i < 2; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    now: () => start + passed,
    monotonic: () => passed,
    after(ms, act) {
      const timer = { at: passed + ms, fire: act };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const timer: Timer = {
          at: passed + ms,
          fire: () => {
            signal?.removeEventListener('abort', onAbort);
            resolve();
          },
        };
        const onAbort = (): void => {
          timers.delete(timer);
          reject(signal?.reason);
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        timers.add(timer);
      }),
    advance(ms) {
      passed += ms;
      for (let due = timers.take(passed); due !== undefined; due = timers.take(passed)) due.fire();
    },
    async pass(ms) {
      const until = passed + ms;
      for (;;) {
        await turn();
        const next = timers.take(until);
        if (next === undefined) break;
        passed = Math.max(passed, next.at);
        next.fire();
      }
      passed = until;
      await turn();
    },
    get sleeping() {
      return timers.size;
    },
  };
}

type Timer = { readonly at: number; readonly fire: () => void };

/** Timers in the order in which they are due, and of one moment in that in which they were set: a heap. */
function createTimers() {
  const heap: { timer: Timer; order: number }[] = [];
  const set = new Set<Timer>();
  let order = 0;
  const before = (a: number, b: number): boolean => {
    const [x, y] = [heap[a]!, heap[b]!];
    return x.timer.at < y.timer.at || (x.timer.at === y.timer.at && x.order < y.order);
  };
  const swap = (a: number, b: number): void => {
    [heap[a], heap[b]] = [heap[b]!, heap[a]!];
  };
  function pop(): Timer {
    const { timer } = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return timer;
    heap[0] = last;
    for (let at = 0; ; ) {
      let first = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (child < heap.length && before(child, first)) first = child;
      if (first === at) return timer;
      swap(at, first);
      at = first;
    }
  }
  return {
    add(timer: Timer): void {
      set.add(timer);
      heap.push({ timer, order: ++order });
      for (let at = heap.length - 1; at > 0 && before(at, (at - 1) >> 1); at = (at - 1) >> 1) swap(at, (at - 1) >> 1);
    },
    delete: (timer: Timer): boolean => set.delete(timer),
    /** The next one that is due by `until`. */
    take(until: number): Timer | undefined {
      while (heap.length > 0 && (!set.has(heap[0]!.timer) || heap[0]!.timer.at <= until)) {
        const timer = pop();
        if (set.delete(timer)) return timer;
      }
      return undefined;
    },
    get size() {
      return set.size;
    },
  };
}
