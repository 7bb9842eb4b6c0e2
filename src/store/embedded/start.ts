import { existsSync, realpathSync, rmSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { embeddedReady } from '../events.ts';
import { ensureCluster } from './cluster.ts';
import { startFailure } from './failure.ts';
import { LOOK_MS, PORT, connectionAt, launch, ready } from './launch.ts';
import type { EmbeddedConnection, Server } from './launch.ts';
import { belongsTo, isAlive, isPostmaster, processesOf, readPidFile } from './processes.ts';

/**
 * The PostgreSQL that Causeway brings. Invariants: it outlives the process that started it, and the next one adopts
 * it; at most one server runs on a data folder.
 */
export type EmbeddedOptions = {
  /** Holds `pgdata` and `server.log`; as root it and its parents are opened for entering. */
  readonly dataDir: string;
  /** Where the copy of the programs lies or goes (60 MB): a folder that every user can enter, when root. */
  readonly binariesDir: string;
  readonly clock: Clock;
  readonly emit: Emit;
};

export type Embedded = {
  readonly connection: EmbeddedConnection;
  readonly pid: number;
  /** Whether it ran already. */
  readonly adopted: boolean;
  /** Resolves when the server is gone, for whatever reason. */
  readonly exited: Promise<void>;
  /** Fast shutdown: open transactions are rolled back; resolves when it has ended. */
  stop(): Promise<void>;
};

/** An adopted server is nobody's child, so its end is seen by looking; a restart takes longer than this anyway. */
const WATCH_MS = 200;
/** What a killed postmaster left behind ends by itself within moments; a backend in a long statement does not. */
const LEFTOVERS_MS = 3_000;
/** A postmaster that has not written yet where it listens is one that another process has just started, on a machine that stands still. */
const STARTING_MS = 30_000;
/** A fast shutdown writes a checkpoint; then it is made immediate, which loses nothing but the next start's time. */
const STOP_MS = 30_000;
/** Tries against leftovers and against another process that starts the same server. */
const TRIES = 10;

/**
 * Starts the server of `dataDir`, or adopts the one that runs; makes it first where there is none. Waits for crash
 * recovery.
 * @throws CausewayError('config') that says what is wrong with the folder, the disk, the version or the user
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { clock, emit } = options;
  const begun = clock.monotonic();
  const cluster = await ensureCluster(options.dataDir, options.binariesDir);
  const pgdata = realpathSync(cluster.pgdata);
  for (let attempt = 1; ; attempt++) {
    const adopted = await adopt(pgdata, clock);
    let server = adopted;
    if (server === undefined) {
      await waitForLeftovers(pgdata, clock);
      try {
        server = await launch(cluster.binaries.postgres, pgdata, join(options.dataDir, 'server.log'), clock);
      } catch (error) {
        if (attempt >= TRIES || !PASSING.test(messageOf(error))) {
          throw startFailure('the embedded PostgreSQL does not start', error, options.dataDir);
        }
        if (/is empty/.test(messageOf(error))) removeEmptyPidFile(pgdata);
        await clock.sleep(200 * attempt);
        continue;
      }
    }
    emit(embeddedReady, {
      how: adopted === undefined ? 'started' : 'adopted',
      pid: server.pid,
      ms: Math.round(clock.monotonic() - begun),
    });
    const { connection, exited } = server;
    let over = false;
    const end = (): void => void (over = true);
    exited.then(end, end);
    return {
      ...server,
      adopted: adopted !== undefined,
      async stop() {
        // Once it has ended its number may be another process's.
        if (over) removeSocketFolder(connection);
        else await stop(server, clock);
      },
    };
  }
}

/** Leftovers of a killed server, or another process that starts or stops it at this moment. */
const PASSING = /shared memory block|lock file "postmaster\.pid" (already exists|is empty)|Unix-domain socket/;

/** A machine that lost its power may leave one; PostgreSQL would refuse it for ever. */
function removeEmptyPidFile(pgdata: string): void {
  const file = join(pgdata, 'postmaster.pid');
  if (processesOf(pgdata).length === 0 && statSync(file, { throwIfNoEntry: false })?.size === 0) rmSync(file);
}

/** The server that runs on the folder, once it answers; `undefined` when there is none (or it ended meanwhile). */
async function adopt(pgdata: string, clock: Clock): Promise<Server | undefined> {
  const file = readPidFile(pgdata);
  if (file === undefined || !belongsTo(file.pid, pgdata)) return undefined;
  const { pid } = file;
  const connection = connectionAt(file.socketFolder);
  if (!existsSync(join(file.socketFolder, `.s.PGSQL.${PORT}`)) && (await socketStaysAway(file.socketFolder, pid, clock))) {
    // Somebody cleaned /tmp: nobody can reach this server again.
    await stop({ pid, connection, exited: gone(pid, pgdata, clock) }, clock);
    return undefined;
  }
  if (!(await ready(connection, clock, () => belongsTo(pid, pgdata)))) return undefined;
  return { pid, connection, exited: gone(pid, pgdata, clock) };
}

/** A server that is just starting makes its socket within moments. */
async function socketStaysAway(folder: string, pid: number, clock: Clock): Promise<boolean> {
  const end = clock.monotonic() + 2_000;
  while (clock.monotonic() < end && isAlive(pid)) {
    if (existsSync(join(folder, `.s.PGSQL.${PORT}`))) return false;
    await clock.sleep(LOOK_MS);
  }
  return true;
}

/** After a SIGKILL of the postmaster its other processes still hold the shared memory for a moment. */
async function waitForLeftovers(pgdata: string, clock: Clock): Promise<void> {
  const begun = clock.monotonic();
  // With a live postmaster these are no leftovers, but its own.
  const orphaned = (): number[] => {
    const postmaster = readPidFile(pgdata)?.pid;
    return postmaster !== undefined && belongsTo(postmaster, pgdata) ? [] : processesOf(pgdata);
  };
  for (let left = orphaned(); left.length > 0; left = orphaned()) {
    // Without its postmaster a backend can commit nothing any more that recovery would not find in the log.
    if (clock.monotonic() - begun > (left.some(isPostmaster) ? STARTING_MS : LEFTOVERS_MS)) for (const pid of left) send(pid, 'SIGKILL');
    await clock.sleep(LOOK_MS);
  }
}

async function gone(pid: number, pgdata: string, clock: Clock): Promise<void> {
  while (belongsTo(pid, pgdata)) await clock.sleep(WATCH_MS);
}

async function stop({ pid, exited, connection }: Server, clock: Clock): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (isAlive(pid)) send(pid, signal);
    const waited = new AbortController();
    const late = clock.sleep(STOP_MS, waited.signal).then(() => true, () => false);
    const over = exited.then(() => false, () => false);
    const tooLate = await Promise.race([late, over]);
    waited.abort();
    if (!tooLate) break;
  }
  removeSocketFolder(connection);
}

function removeSocketFolder({ host }: EmbeddedConnection): void {
  try {
    rmdirSync(host);
  } catch {
    // Not empty: the server is there again, by another process, or was killed.
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended before the signal.
  }
}
