/**
 * Waits that end. Invariant: the promise that loses is not left unhandled.
 */
import { type Clock, NEEDLESS } from '#events/clock.ts';
import { CausewayError } from '#errors/index.ts';

/**
 * For calls to the store: its own time-out for a statement. A connection that hangs must not keep what waits any longer.
 */
export const STORE_MS = 5000;

/** `promise`, or CausewayError('unavailable') after `ms`. What it waits for is not stopped. */
export async function timeLimit<T>(promise: Promise<T>, ms: number, clock: Clock, what: string): Promise<T> {
  const timer = new AbortController();
  const late = new AbortController();
  clock.sleep(ms, timer.signal).then(
    () => late.abort(new CausewayError('unavailable', `${what}: no answer within ${ms} ms`)),
    () => {},
  );
  try {
    return await within(promise, late.signal);
  } finally {
    timer.abort(NEEDLESS);
  }
}

/** `promise`, or the signal's reason as soon as it is aborted. */
export function within<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
