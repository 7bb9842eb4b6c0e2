import type { Kysely, Transaction } from 'kysely';

/**
 * Invariant: whoever holds a `Tx` is inside a transaction: only `store.transaction` makes one, and it is of no use
 * after that call has ended.
 */
declare const brand: unique symbol;

export type Tx = {
  readonly [brand]: true;
  /** The transaction as a query builder over the caller's own tables `T`. */
  db<T>(): Transaction<T>;
};

/**
 * Runs `work` in one read-committed transaction, once. What `work` throws is thrown on after the rollback.
 * @throws CausewayError('unavailable') also when the answer to COMMIT was lost: then the outcome is unknown
 */
export async function runTransaction<R>(kysely: Kysely<unknown>, work: (tx: Tx) => Promise<R>): Promise<R> {
  let thrown: { error: unknown } | undefined;
  try {
    return await kysely.transaction().execute(async (transaction) => {
      try {
        return await work({ db: <T>() => transaction as unknown as Transaction<T> } as Tx);
      } catch (error) {
        thrown = { error };
        throw error;
      }
    });
  } catch (error) {
    // A rollback over a broken connection fails too; the first error is the one that tells.
    throw thrown === undefined ? error : thrown.error;
  }
}
