import { createHash } from 'node:crypto';
import { Client } from 'pg';
import { CausewayError, messageOf } from '#errors/index.ts';
import type { Emit } from '#events/index.ts';
import { clientConfig, describeConnection } from './connection.ts';
import type { Connection } from './connection.ts';
import { migrated } from './events.ts';
import { storeFailure, unavailable } from './failure.ts';

/**
 * Tables by numbered steps. Invariants: all missing steps are taken in one transaction under one lock, so that a
 * failure leaves nothing half done and two processes that start together do it once; a step that was ever taken is
 * never changed; a database that knows more than we do is left alone.
 */
export type Migration = {
  /** `0001_store`: four digits, one sequence over all rooms, then the room. */
  readonly name: string;
  readonly sql: string;
};

/** Any number that no other program takes as an advisory lock: "cway" in ASCII. */
const LOCK = 0x63776179;
/** Another instance's migration is waited for this long. */
const LOCK_MS = 60_000;

export async function migrate(connection: Connection, migrations: readonly Migration[], emit: Emit): Promise<void> {
  const steps = inOrder(migrations);
  const client = new Client({
    ...clientConfig(connection, 'causeway migrate'),
    statement_timeout: 0, // a step over large tables may take long
    query_timeout: undefined,
    lock_timeout: LOCK_MS,
  });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    throw unavailable(error, `is PostgreSQL running at ${describeConnection(connection)}?`);
  }
  try {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [LOCK]);
    await client.query(
      'create table if not exists migration (name text primary key, sha256 text not null, at timestamptz not null default now())',
    );
    const { rows } = await client.query<{ name: string; sha256: string }>('select name, sha256 from migration order by name');
    for (const step of missing(steps, rows)) {
      await client.query(step.sql).catch((error: unknown) => {
        throw new CausewayError('internal', `migration ${step.name} failed: ${messageOf(error)}`, { cause: error });
      });
      await client.query('insert into migration (name, sha256) values ($1, $2)', [step.name, digest(step)]);
      emit(migrated, { name: step.name });
    }
    await client.query('commit');
  } catch (error) {
    const failure = storeFailure(error);
    if (failure instanceof CausewayError) throw failure;
    throw new CausewayError('config', `the tables cannot be made: ${messageOf(error)}`, { place: describeConnection(connection), cause: error });
  } finally {
    // The transaction ends with the connection.
    await client.end().catch(() => {});
  }
}

const digest = (step: Migration): string => createHash('sha256').update(step.sql).digest('hex');

function inOrder(migrations: readonly Migration[]): Migration[] {
  const steps = [...migrations].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const [index, step] of steps.entries()) {
    const number = step.name.slice(0, 4);
    if (!/^\d{4}_[a-z0-9-]+$/.test(step.name) || steps[index - 1]?.name.startsWith(number)) {
      throw new CausewayError('internal', `migration ${step.name}: names are 0001_room, each number once`);
    }
  }
  return steps;
}

/** The steps to take; throws where the history of the database is not a beginning of ours. */
function missing(steps: readonly Migration[], taken: readonly { name: string; sha256: string }[]): readonly Migration[] {
  for (const [index, row] of taken.entries()) {
    const step = steps[index];
    if (step?.name === row.name && digest(step) === row.sha256) continue;
    const known = steps.some((s) => s.name === row.name);
    throw new CausewayError(
      'conflict',
      known
        ? `the database's history differs from this program's at migration ${row.name}`
        : `the database has migration ${row.name}, which this program does not know`,
      {
        remedy: known
          ? 'run the program that made this database, or begin with an empty database'
          : 'the database was used by a newer version: run that version or a later one',
      },
    );
  }
  return steps.slice(taken.length);
}
