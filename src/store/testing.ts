import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Client } from 'pg';
import { systemClock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import { clientConfig } from './connection.ts';
import { startEmbedded } from './embedded/start.ts';
import type { EmbeddedConnection } from './embedded/launch.ts';
import type { Migration } from './migrate.ts';
import { openStore } from './open.ts';
import type { Store } from './open.ts';

/**
 * A store for tests: a fresh database in a real PostgreSQL that all test files of one run share. The first file that
 * asks starts it, `test/global-setup.ts` names its folder and ends it.
 */
export type TestStore = {
  readonly store: Store;
  /** To open the same database again, or by other means. */
  readonly connection: EmbeddedConnection;
  /** Closes the store and drops the database. */
  close(): Promise<void>;
};

/** The variable by which the run's folder reaches the processes of the test files. */
export const TEST_FOLDER = 'CAUSEWAY_TEST_FOLDER';

/** Where tests keep the copy of PostgreSQL's programs; only root has a place that outlives the run and is safe. */
export const testBinaries = (): string => (process.getuid?.() === 0 ? '/var/lib/causeway' : join(testFolder(), 'programs'));

function testFolder(): string {
  const folder = process.env[TEST_FOLDER];
  if (folder === undefined) throw new Error('store tests run under vitest with test/global-setup.ts');
  return folder;
}

/** @param migrations the rooms' own, for example `[...storeMigrations, ...directoryMigrations]` */
export async function openTestStore(migrations: readonly Migration[], options: { poolSize?: number } = {}): Promise<TestStore> {
  const server = await startEmbedded({
    dataDir: join(testFolder(), 'postgres'),
    binariesDir: testBinaries(),
    clock: systemClock,
    emit: silent,
  });
  const database = `test_${randomBytes(6).toString('hex')}`;
  await administer(server.connection, `create database ${database}`);
  const connection = { ...server.connection, database };
  const store = await openStore(connection, { emit: silent, clock: systemClock, poolSize: options.poolSize ?? 5 });
  await store.migrate(migrations);
  return {
    store,
    connection,
    async close() {
      await store.close();
      await administer(server.connection, `drop database ${database} with (force)`);
    },
  };
}

async function administer(connection: EmbeddedConnection, statement: string): Promise<void> {
  // Copying the template takes a moment on a busy machine.
  const client = new Client({ ...clientConfig(connection), statement_timeout: 0, query_timeout: undefined });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
