/**
 * Time, injected. Invariant: nothing above this file reads a clock or sets a timer by itself where a test would then
 * have to sleep.
 */
export type Clock = {
  /** Wall time in ms since the epoch: for people and for expiry over days; it may step. */
  now(): number;
  /** Monotonic ms: for deadlines. It goes on while a process is stopped (CLOCK_MONOTONIC), so a fence may rely on it. */
  monotonic(): number;
  /** Resolves after `ms`, rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Calls `act` once after `ms`, unless what it returns was called before. For deadlines that hardly ever come: an eighth
   * of the cost of a sleep that is ended by a signal.
   */
  after(ms: number, act: () => void): () => void;
};

/**
 * The reason with which a sleep is ended that is needed no more, where nobody reads reasons. Without one each `abort()`
 * makes a DOMException and its stack: 25 us, and a sign-in has eight such timers.
 */
export const NEEDLESS = new Error('the wait is needed no more');

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
  after(ms, act) {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};
