import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { sql } from 'kysely';
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
 * asks starts it, `test/global-setup.ts` names its folder and ends it. Migrating takes a second, and five on a busy
 * machine, so the first that asks for the same tables makes them, and the others have a copy.
 */
export type TestStore = {
  readonly store: Store;
  /** To open the same database again, or by other means. */
  readonly connection: TestConnection;
  /** Closes the store and drops the database. */
  close(): Promise<void>;
};

type TestConnection = EmbeddedConnection & { readonly connectMs: number };

/** A process that stands still while it connects is no store out of reach. */
const PATIENCE_MS = 60_000;

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
  const home: TestConnection = { ...server.connection, connectMs: PATIENCE_MS };
  const database = `test_${randomBytes(6).toString('hex')}`;
  await administer(home, `create database ${database} template ${await templateOf(home, migrations)}`);
  const connection = { ...home, database };
  const store = await openStore(connection, { emit: silent, clock: systemClock, poolSize: options.poolSize ?? 5 });
  await store.migrate(migrations);
  return {
    store,
    connection,
    async close() {
      await store.close();
      await administer(home, `drop database ${database} with (force)`);
    },
  };
}

/**
 * Between tests of a file: nothing is in any table any more, but in `but`, and numbers begin anew. Truncating does the
 * same with a new file for each table and index, a second a test on a busy machine.
 */
export async function emptyTables(store: Store, { but = [] }: { but?: readonly string[] } = {}): Promise<void> {
  await sql`do ${sql.raw(`$$
    declare r record; kept text[] := '{${['migration', ...but].join(',')}}';
    begin
      perform set_config('session_replication_role', 'replica', true);
      for r in select tablename from pg_tables where schemaname = 'public' and tablename <> all(kept) loop execute format('delete from %I', r.tablename); end loop;
      for r in select s.relname as name from pg_class s join pg_depend d on d.objid = s.oid and d.deptype in ('i', 'a') join pg_class t on t.oid = d.refobjid
        where s.relkind = 'S' and t.relname <> all(kept) loop perform setval(format('%I', r.name)::regclass, 1, false); end loop;
    end $$`)}`.execute(store.db());
}

/** A database with these tables and nothing in them, made by whoever of the run's processes asks first. */
async function templateOf(connection: TestConnection, migrations: readonly Migration[]): Promise<string> {
  const name = `tables_${createHash('sha256').update(JSON.stringify(migrations)).digest('hex').slice(0, 16)}`;
  await withClient(connection, async (client) => {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount !== 0) return;
    const half = `half_${randomBytes(6).toString('hex')}`;
    await client.query(`create database ${half}`);
    const store = await openStore({ ...connection, database: half }, { emit: silent, clock: systemClock, poolSize: 2 });
    await store.migrate(migrations).finally(() => store.close());
    await client.query(`alter database ${half} rename to ${name}`);
  });
  return name;
}

/** "test" in ASCII. */
const LOCK = 0x74657374;

const administer = (connection: TestConnection, statement: string): Promise<void> => withClient(connection, async (client) => void (await client.query(statement)));

async function withClient(connection: TestConnection, work: (client: Client) => Promise<void>): Promise<void> {
  // Copying the template takes a moment on a busy machine.
  const client = new Client({ ...clientConfig(connection), statement_timeout: 0, query_timeout: undefined });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
