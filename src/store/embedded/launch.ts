import { spawn } from 'node:child_process';
import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { Client, DatabaseError } from 'pg';
import { CausewayError, messageOf } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { clientConfig } from '../connection.ts';
import { DATABASE_USER } from './cluster.ts';
import { serverOwner } from './owner.ts';
import { ensureSocketFolder } from './socket-folder.ts';

/**
 * One process of PostgreSQL: its settings, its start, its log. Invariants: it is reached by a unix socket only, it
 * belongs to no terminal and to no parent, and what it has acknowledged is on the disk.
 */
export type EmbeddedConnection = { readonly host: string; readonly port: number; readonly user: string; readonly database: string };

/** A server that answers. */
export type Server = { readonly pid: number; readonly connection: EmbeddedConnection; readonly exited: Promise<void> };

/** Where the server with this socket folder is reached. */
export const connectionAt = (socketFolder: string): EmbeddedConnection => ({
  host: socketFolder,
  port: PORT,
  user: DATABASE_USER,
  database: DATABASE,
});

export const PORT = 5432;
const DATABASE = 'causeway';
/** How often a state outside of us (a socket, a process) is looked at. */
export const LOOK_MS = 25;
/** Crash recovery replays at most 256 MB of log: seconds; a slow disk under load gets this. */
const READY_MS = 120_000;
/** One old log of this size is kept beside the new one. */
const LOG_LIMIT = 10 * 1024 * 1024;

const SETTINGS: Record<string, string | number> = {
  listen_addresses: '',
  port: PORT,
  unix_socket_permissions: '0700',
  max_connections: 60,
  shared_buffers: '64MB',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  max_wal_size: '256MB',
  // Containers give /dev/shm 64 MB or nothing; our queries are small.
  max_parallel_workers_per_gather: 0,
  dynamic_shared_memory_type: 'mmap',
  // Statements that fail are told to their caller; the log stays small.
  log_min_messages: 'log',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] ',
  log_timezone: 'UTC',
  timezone: 'UTC',
};

/** Starts the server and waits until it answers. @throws Error with its own last words */
export async function launch(postgres: string, pgdata: string, logFile: string, clock: Clock): Promise<Server> {
  const socketFolder = ensureSocketFolder(pgdata);
  const log = openLog(logFile);
  let child;
  const from = fstatSync(log).size;
  try {
    const settings = Object.entries({ ...SETTINGS, unix_socket_directories: socketFolder });
    child = spawn(postgres, ['-D', pgdata, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])], {
      ...serverOwner(),
      cwd: '/',
      // A group of its own: a signal to ours (Ctrl-C in a terminal) is not for it, and it outlives us.
      detached: true,
      stdio: ['ignore', log, log],
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    });
  } finally {
    closeSync(log);
  }
  let ended = false;
  const exited = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve());
  }).finally(() => (ended = true));
  exited.catch(() => {});
  child.unref();
  const connection = connectionAt(socketFolder);
  const { pid } = child;
  if (pid === undefined || !(await ready(connection, clock, () => !ended))) {
    await exited;
    throw new Error(lastWords(logFile, from));
  }
  return { pid, connection, exited };
}

/** Waits until the server answers and has our database. @returns false when it ended instead */
export async function ready(connection: EmbeddedConnection, clock: Clock, runs: () => boolean): Promise<boolean> {
  const end = clock.monotonic() + READY_MS;
  for (;;) {
    // Making the database copies 7 MB, which a slow disk takes longer for than a statement may.
    const client = new Client({ ...clientConfig({ ...connection, database: 'postgres' }), statement_timeout: READY_MS, query_timeout: READY_MS });
    client.on('error', () => {});
    try {
      await client.connect();
      const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE]);
      if (rowCount === 0) await createDatabase(client);
      return true;
    } catch (error) {
      if (!runs()) return false;
      const waiting = !(error instanceof DatabaseError) || /^(57P0|53300)/.test(error.code ?? '');
      if (!waiting || clock.monotonic() > end) {
        throw new CausewayError('unavailable', `the embedded PostgreSQL does not answer: ${messageOf(error)}`, { cause: error });
      }
    } finally {
      await client.end().catch(() => {});
    }
    await clock.sleep(LOOK_MS);
  }
}

async function createDatabase(client: Client): Promise<void> {
  await client.query(`create database ${DATABASE}`).catch((error: unknown) => {
    // Another process was first (duplicate_database, or a unique key when both were under way).
    if (!(error instanceof DatabaseError && (error.code === '42P04' || error.code === '23505'))) throw error;
  });
}

/** The log goes on in a new file at a start when it has grown; one old file is kept. */
function openLog(file: string): number {
  if (existsSync(file) && statSync(file).size > LOG_LIMIT) renameSync(file, `${file}.1`);
  return openSync(file, 'a', 0o600);
}

/** The answers to our own questions while it starts, and its guess after a crash, which a full disk provokes as well. */
const NOISE = /FATAL: {2}the database system is|some data is corrupted and you will have to use the last backup/;

/** What the server complained of since `from`. */
function lastWords(file: string, from: number): string {
  const fd = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(64 * 1024);
    const text = bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, from));
    const complaints = text.split('\n').filter((line) => /FATAL|PANIC|HINT|error while loading/.test(line) && !NOISE.test(line));
    return complaints.slice(0, 3).join('; ').replaceAll(/[\d-]{10} [\d:.]{8,12} UTC \[\d+\] /g, '') || 'it ended without a word';
  } finally {
    closeSync(fd);
  }
}
