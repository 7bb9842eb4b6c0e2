import { Pool } from 'pg';
import type { PoolClient } from 'pg';
import { PgBoss } from 'pg-boss';
import type { Db } from 'pg-boss';
import type { Clock } from '#events/clock.ts';
import { messageOf } from '#errors/index.ts';
import type { Emit } from '#events/index.ts';
import { clientConfig } from './connection.ts';
import type { Connection } from './connection.ts';
import { connectionLost, queueFailed } from './events.ts';
import { storeFailure, unavailable } from './failure.ts';

/**
 * Short rounds of work, handed to one process at a time. Invariants: of all jobs with one key at most one is queued
 * or active; a job whose process died comes back within about 15 s, and one held here is kept alive until it is
 * completed or failed. A job is a round, never the truth: that is in the caller's own row, from which lost rounds can
 * be sent again at any time.
 */
export type Job<T> = {
  readonly queue: string;
  readonly id: string;
  readonly data: T;
  /** The attempt: an earlier one of the same job was lost or failed when it is above 0. */
  readonly retryCount: number;
  /** The key it was sent with. */
  readonly singletonKey: string | undefined;
  /** Aborted when the job is no longer ours: this process was stopped for too long, and another has it. */
  readonly signal: AbortSignal;
};

export type SendOptions = {
  /** At most one job with this key is queued or active. */
  readonly singletonKey?: string;
  readonly startAfterSeconds?: number;
};

export type Queue = {
  /** @returns false when a job with this key is queued or active already */
  send(queue: string, data: object, options?: SendOptions): Promise<boolean>;
  /** Takes up to `n` jobs that are due; they are kept alive until they are completed or failed. */
  fetch<T extends object>(queue: string, n: number): Promise<Job<T>[]>;
  /** @returns false when the job was no longer ours */
  complete(job: Job<unknown>): Promise<boolean>;
  /** Completes the job and sends the next round of the same key, in one transaction. @returns false as `complete` */
  again(job: Job<object>, options?: { readonly data?: object; readonly startAfterSeconds?: number }): Promise<boolean>;
  /** Puts the job back; it is due again after a second, after some minutes at most when it fails over and over. */
  fail(job: Job<unknown>, reason: string): Promise<boolean>;
  /** Lets go of all held jobs (they come back elsewhere) and closes. */
  close(): Promise<void>;
};

export type QueueOptions = {
  /** The queues that are used. */
  readonly queues: readonly string[];
  /** One process per installation at least: makes the tables and queues and takes jobs back from dead processes. */
  readonly supervise: boolean;
  readonly emit: Emit;
  readonly clock: Clock;
};

/** The least that pg-boss allows: a job is taken back when nobody told of it for this long. */
const HEARTBEAT_SECONDS = 10;
/** Three in the time of a heartbeat: two may be lost to a slow store. */
const TOUCH_MS = 3_000;
/** A dead process's job is found at the next of these: 10 s and this is the whole take-over. */
const SUPERVISE_SECONDS = 2;
/** A round that takes longer hangs, heartbeat or not. */
const EXPIRE_SECONDS = 900;
/** Large, as the move's own row decides when to give up; a job that ends `failed` is simply sent again. */
const RETRIES = 1_000;
const POOL_SIZE = 4;

export async function openQueue(connection: Connection, options: QueueOptions): Promise<Queue> {
  const { emit, clock, supervise } = options;
  const pool = new Pool({ ...clientConfig(connection, 'causeway queue'), types: undefined, max: POOL_SIZE });
  pool.on('error', (error) => emit(connectionLost, { message: messageOf(error) }));
  pool.on('connect', (client) => client.on('error', () => {}));
  // What PostgreSQL (not pg-boss) threw: only that can be a store that is down.
  const storeErrors = new WeakSet<object>();
  const databaseOver = (client: Pool | PoolClient): Db => ({
    executeSql: (text, values) =>
      client.query(text, values as unknown[]).catch((error: Error) => {
        storeErrors.add(error);
        throw error;
      }),
  });
  const rethrow = (error: unknown): never => {
    throw error instanceof Error && storeErrors.has(error) ? storeFailure(error) : error;
  };
  const boss = new PgBoss({
    db: databaseOver(pool),
    migrate: supervise,
    createSchema: supervise,
    supervise,
    schedule: false,
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    monitorIntervalSeconds: SUPERVISE_SECONDS,
    maintenanceIntervalSeconds: 600,
    monitorVacuum: false,
  });
  // Some of what it emits is no Error, but all has a message.
  boss.on('error', ({ message }) => emit(queueFailed, { message }));
  try {
    await boss.start();
    if (supervise) for (const name of options.queues) await declare(boss, name);
  } catch (error) {
    await boss.stop({ graceful: false }).catch(() => {});
    await pool.end().catch(() => {});
    throw unavailable(error);
  }

  const held = new Map<string, { job: Job<unknown>; lost: AbortController }>();
  const closing = new AbortController();
  const attempt = ({ id, retryCount }: Job<unknown>): { id: string; retryCount: number } => ({ id, retryCount });
  const settled = async (job: Job<unknown>, work: Promise<object>): Promise<boolean> => {
    try {
      const result = (await work.catch(rethrow)) as { affected: number };
      return result.affected === 1;
    } finally {
      // Also when the store did not hear of it: a job kept alive that nobody works on would never come back.
      if (held.get(job.id)?.job === job) held.delete(job.id);
    }
  };

  const touching = (async () => {
    while (!closing.signal.aborted) {
      await clock.sleep(TOUCH_MS, closing.signal).catch(() => {});
      await Promise.all(
        [...held.values()].map(async ({ job, lost }) => {
          try {
            const { affected } = (await boss.touch(job.queue, attempt(job))) as { affected: number };
            if (affected === 1 || held.get(job.id)?.lost !== lost) return;
            held.delete(job.id);
            lost.abort(new Error(`the job ${job.queue}/${job.id} went to another process`));
          } catch (error) {
            emit(queueFailed, { message: messageOf(error) });
          }
        }),
      );
    }
  })();

  return {
    async send(queue, data, { singletonKey, startAfterSeconds } = {}) {
      const id = await boss.send(queue, data, { singletonKey, startAfter: startAfterSeconds }).catch(rethrow);
      return id !== null;
    },
    async fetch<T extends object>(queue: string, n: number): Promise<Job<T>[]> {
      const jobs = await boss.fetch<T>(queue, { batchSize: n, includeMetadata: true }).catch(rethrow);
      return jobs.map(({ id, data, retryCount, singletonKey }) => {
        const lost = new AbortController();
        const job: Job<T> = { queue, id, data, retryCount, singletonKey: singletonKey ?? undefined, signal: lost.signal };
        held.set(id, { job, lost });
        return job;
      });
    },
    complete: (job) => settled(job, boss.complete(job.queue, attempt(job))),
    again: (job, { data = job.data, startAfterSeconds } = {}) =>
      settled(
        job,
        inTransaction(pool, async (client) => {
          const db = databaseOver(client);
          const result = (await boss.complete(job.queue, attempt(job), null, { db })) as { affected: number };
          if (result.affected === 1) {
            await boss.send(job.queue, data, { singletonKey: job.singletonKey, startAfter: startAfterSeconds, db });
          }
          return result;
        }),
      ),
    fail: (job, reason) => settled(job, boss.fail(job.queue, attempt(job), { message: reason })),
    async close() {
      closing.abort(new Error('closed'));
      await touching;
      await boss.stop({ graceful: false }).catch(() => {});
      await pool.end();
    },
  };
}

/** `exclusive`: one job queued or active for each key. */
async function declare(boss: PgBoss, name: string): Promise<void> {
  const settings = {
    retryLimit: RETRIES,
    retryDelay: 1,
    retryBackoff: true,
    retryDelayMax: 300,
    heartbeatSeconds: HEARTBEAT_SECONDS,
    expireInSeconds: EXPIRE_SECONDS,
    deleteAfterSeconds: 3_600,
  };
  await boss.createQueue(name, { policy: 'exclusive', ...settings });
  await boss.updateQueue(name, settings);
}

async function inTransaction<R>(pool: Pool, work: (client: PoolClient) => Promise<R>): Promise<R> {
  const client = await pool.connect().catch((error: unknown) => {
    throw unavailable(error);
  });
  let failed = true;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    failed = false;
    return result;
  } finally {
    // After a failure the connection goes, and the transaction with it.
    client.release(failed);
  }
}
