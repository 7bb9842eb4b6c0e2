import { Kysely, PostgresDialect } from 'kysely';
import type { PostgresPoolClient } from 'kysely';
import { Pool } from 'pg';
import type { PoolClient } from 'pg';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { CausewayError, messageOf } from '#errors/index.ts';
import { clientConfig } from './connection.ts';
import type { Connection } from './connection.ts';
import { connectionLost } from './events.ts';
import { breaksConnection, storeFailure, unavailable } from './failure.ts';
import { createListener } from './listen.ts';
import { migrate } from './migrate.ts';
import type { Migration } from './migrate.ts';
import { runTransaction } from './transaction.ts';
import type { Tx } from './transaction.ts';

/**
 * The PostgreSQL of an installation. Invariants: opening needs no server, and a server that dies, hangs or comes back
 * needs nothing done here; each call meanwhile rejects with CausewayError('unavailable') within a few seconds; no
 * error of a connection reaches the process.
 */
export type Store = {
  readonly clock: Clock;
  readonly emit: Emit;
  /** The query builder over the caller's own tables `T`, for reads. */
  db<T>(): Kysely<T>;
  /** Read committed, one try: see `runTransaction`. */
  transaction<R>(work: (tx: Tx) => Promise<R>): Promise<R>;
  /** Calls `onWake` at each NOTIFY on `channel` and at each (re)connect. @returns what ends it */
  listen(channel: string, onWake: () => void): () => void;
  /** Brings the tables to the state that the list describes. @throws CausewayError('conflict') for a foreign history */
  migrate(migrations: readonly Migration[]): Promise<void>;
  /** Ends all connections; waits for those in use at most 5 s. */
  close(): Promise<void>;
};

/** Callers that may wait for a connection at once: each waits 2 s at most, so more could not be served in time. */
const WAITING = 1_000;
/** A connection in use at close gets as long as a statement may take. */
const CLOSE_MS = 5_000;

export async function openStore(
  connection: Connection,
  { emit, clock, poolSize = 10 }: { emit: Emit; clock: Clock; poolSize?: number },
): Promise<Store> {
  const pool = new Pool({ ...clientConfig(connection), max: poolSize, idleTimeoutMillis: 30_000 });
  pool.on('error', (error) => emit(connectionLost, { message: messageOf(error) }));
  // pg-pool listens to idle clients only; one that breaks in use would end the process by an unheard 'error'.
  pool.on('connect', (client) => client.on('error', () => {}));
  const kysely = new Kysely<unknown>({
    dialect: new PostgresDialect({
      pool: { options: {}, connect: () => acquire(pool), end: async () => {} },
    }),
  });
  const listener = createListener(connection, { emit, clock });

  return {
    clock,
    emit,
    db: <T>() => kysely as unknown as Kysely<T>,
    transaction: (work) => runTransaction(kysely, work),
    listen: listener.listen,
    migrate: (migrations) => migrate(connection, migrations, emit),
    async close() {
      await listener.close();
      await kysely.destroy();
      const ended = new AbortController();
      await Promise.race([
        pool.end().finally(() => ended.abort()),
        clock.sleep(CLOSE_MS, ended.signal).catch(() => {}),
      ]);
    },
  };
}

/** A client whose errors are the house's, and which is thrown away once its connection has failed. */
async function acquire(pool: Pool): Promise<PostgresPoolClient> {
  if (pool.waitingCount >= WAITING) {
    throw new CausewayError('unavailable', `${WAITING} calls already wait for a connection to the store`);
  }
  const client = await pool.connect().catch((error: unknown) => {
    throw unavailable(error);
  });
  let broken: unknown;
  return {
    async query(sql: string, parameters: readonly unknown[]) {
      // A statement that got no answer still occupies the connection: what follows it (ROLLBACK) must not wait again.
      if (broken !== undefined) throw broken;
      try {
        return await client.query(sql, [...parameters]);
      } catch (error) {
        const failure = storeFailure(error);
        if (breaksConnection(error)) broken = failure;
        throw failure;
      }
    },
    release(destroy?: boolean) {
      client.release(destroy === true || broken !== undefined);
      if (broken !== undefined) abandon(client);
    },
  } as unknown as PostgresPoolClient;
}

/** Ends the socket at once: pg's own end waits for a server that may never close it. */
function abandon(client: PoolClient): void {
  (client as unknown as { connection?: { stream?: { destroy(): void } } }).connection?.stream?.destroy();
}
