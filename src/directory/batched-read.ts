/**
 * Many small reads as few statements. Invariants: a read that begins after a call covers that call, so its answer is
 * fresh; a failed read fails only those that it was for.
 */
import { CausewayError, messageOf } from '#errors/index.ts';

/** Keys in one statement: a page of the directory, see PAGE in read-entries.ts. */
const KEYS = 1_000;
/** Statements at once: a few, so that confirming leaves most of the store's connections to others. */
const AT_ONCE = 3;
/** Callers that may wait: more than any machine's sign-ins of a few seconds; beyond it the store is the bottleneck. */
const WAITING = 10_000;

type Waiter<K, V> = { readonly key: K; readonly resolve: (value: V) => void; readonly reject: (error: unknown) => void };

/**
 * @param read fetches the values of keys by one statement
 * @returns reads one value; calls of one tick share a statement
 * @throws CausewayError('unavailable') when the store cannot be read, or too many wait
 */
export function createBatchedRead<K, V>(read: (keys: K[]) => Promise<(key: K) => V>): (key: K) => Promise<V> {
  let waiting: Waiter<K, V>[] = [];
  let running = 0;
  let scheduled = false;

  const run = async (batch: readonly Waiter<K, V>[]): Promise<void> => {
    running += 1;
    try {
      const valueOf = await read([...new Set(batch.map(({ key }) => key))]);
      for (const { key, resolve } of batch) resolve(valueOf(key));
    } catch (error) {
      const failure =
        error instanceof CausewayError && error.code === 'unavailable'
          ? error
          : new CausewayError('unavailable', `the directory cannot be read: ${messageOf(error)}`, { cause: error });
      for (const { reject } of batch) reject(failure);
    }
    running -= 1;
    schedule();
  };

  const schedule = (): void => {
    if (scheduled || waiting.length === 0 || running >= AT_ONCE) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      const batch = waiting.slice(0, KEYS);
      waiting = waiting.slice(KEYS);
      void run(batch);
      schedule();
    });
  };

  return (key) =>
    new Promise((resolve, reject) => {
      if (waiting.length >= WAITING) {
        return reject(new CausewayError('unavailable', `${WAITING} sign-ins already wait for the directory`));
      }
      waiting.push({ key, resolve, reject });
      schedule();
    });
}
