/**
 * What is large: a mailbox of 100,000 messages, and a message of 150 MB. Each is moved whole, hold and proof included, by
 * a mover worker as `serve` starts it, from one real Dovecot to another. See bench/README.md.
 *
 * Invariants: progress and forecast are what `causeway move` shows, read from the store once a second; what was lost,
 * altered or doubled is judged by what both sides hold. Only processes that were started here are ended.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import type { MoverOrders } from '#context/workers/movers.ts';
import { createAccounts, directoryMigrations } from '#directory/index.ts';
import { systemClock as clock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import { LEAN, moverMigrations, MOVE_QUEUE, readMoves, requestMove, sweepMoves } from '#mover/index.ts';
import { startEmbedded } from '#store/embedded/start.ts';
import { openStore, type Store, storeMigrations } from '#store/index.ts';
import { openQueue, type Queue } from '#store/queue.ts';
import { build } from '../../bin/build.ts';
import { plainService, PROGRAM } from '../../test/installation.ts';
import { createClosing } from '../closing.ts';
import { commandLine, JSON_LINE, QUICK, some } from '../command-line.ts';
import { end, toldPort } from '../fronts/front.ts';
import { PASSWORD, startMailStore } from '../mover/dovecot.ts';
import { judge, latestLife, readAccount } from '../mover/judge.ts';
import { measureLasting } from '../mover/measure.ts';
import { type Case, type CaseName, CASES, type Path } from './accounts.ts';
import { judgeForecasts, type Told, watchMove } from './forecasts.ts';

const options = commandLine('large', 'A mailbox of 100,000 messages and a message of 150 MB: time, memory, how good the forecast is.', {
  cases: some('which shapes', Object.keys(CASES) as CaseName[], ['many', 'large']),
  quick: QUICK,
  json: JSON_LINE,
});
const scale = options.quick ? 0.1 : 1;

export type Row = {
  readonly case: string;
  readonly messages: number;
  readonly bytes: number;
  readonly wallS: number;
  readonly holdMs: number | null;
  readonly rssMiB: number;
  /** The worst of all forecasts that were told from a quarter of the time on: |forecast end − true end| ÷ duration. */
  readonly forecastError: number;
  readonly forecasts: number;
  readonly lost: number;
  readonly altered: number;
  readonly doubled: number;
};

const closing = createClosing();
const { closers } = closing;

const say = (text: string): void => void process.stderr.write(`${text}\n`);
try {
  const rows = await run();
  if (options.json) process.stdout.write(`${JSON.stringify({ rows })}\n`);
  else for (const row of rows) process.stdout.write(`${textOf(row)}\n`);
} catch (error) {
  if (!closing.interrupted) say(`bench:large: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exitCode = 1;
} finally {
  await closing.close();
  process.exit();
}

function textOf(row: Row): string {
  return [
    `${row.case}: ${row.messages} messages, ${(row.bytes / 1e6).toFixed(0)} MB in ${row.wallS.toFixed(1)} s, held for ${row.holdMs} ms`,
    `  peak RSS of the mover ${row.rssMiB.toFixed(0)} MiB`,
    `  forecasts from a quarter of the time on: ${row.forecasts}, the worst ${(row.forecastError * 100).toFixed(0)} % off`,
    `  lost ${row.lost}, altered ${row.altered}, doubled ${row.doubled}`,
  ].join('\n');
}

async function run(): Promise<Row[]> {
  await build();
  const folder = mkdtempSync('/dev/shm/causeway-large-');
  // Dovecot's own user must be able to enter.
  chmodSync(folder, 0o755);
  closers.push(async () => rmSync(folder, { recursive: true, force: true }));
  const source = await startMailStore(join(folder, 'source'), '%n');
  closers.push(() => source.stop());
  const target = await startMailStore(join(folder, 'target'), '%n');
  closers.push(() => target.stop());

  const [data, binaries, compiled] = [join(folder, 'data'), join(folder, 'programs'), join(folder, 'compiled')];
  for (const part of [data, binaries]) mkdirSync(part, { mode: 0o755 });
  const server = await startEmbedded({ dataDir: data, binariesDir: binaries, clock, emit: silent });
  closers.push(() => server.stop());
  const store = await openStore(server.connection, { emit: silent, clock });
  closers.push(() => store.close());
  await store.migrate([...storeMigrations, ...directoryMigrations, ...moverMigrations]);
  const queue = await openQueue(server.connection, { queues: [MOVE_QUEUE], supervise: true, emit: silent, clock });
  closers.push(() => queue.close());

  const rows: Row[] = [];
  for (const name of options.cases) {
    say(`${name}: writing the mail`);
    const { write, path } = CASES[name] as Case;
    write(source.maildir(name), scale);
    const user = `${name}@isp.example`;
    // INBOX must not have the same UIDVALIDITY on both sides, and Dovecot takes the clock's seconds.
    const latest = await latestLife(source.port, user);
    await clock.sleep(Math.max(0, (latest + 1) * 1_000 - Date.now()));
    const orders: MoverOrders = { config: configure(folder, data, { source: await by(path, source.port), target: await by(path, target.port) }), database: server.connection, instance: 'large' };
    // A worker for each, so that the one's memory is not the other's. Its modules are compiled, as after the first start of one.
    await end(await startMover(orders, compiled));
    const mover = await startMover(orders, compiled);
    closers.push(() => end(mover));
    const told: Told[] = [];
    const cost = await measureLasting([mover.pid!], mover.pid!, target.process.pid!, () => move(store, queue, user, told));
    await end(mover);
    const [moved] = await readMoves(store, [told.at(-1)!.move]);
    const verdict = judge(await readAccount(source.port, user), await readAccount(target.port, user));
    const row = { case: name, messages: moved!.messages, bytes: moved!.bytes, wallS: cost.wallS, holdMs: moved!.holdMs, rssMiB: cost.rssMiB, ...judgeForecasts(told, cost.wallS * 1_000), ...verdict };
    rows.push(row);
    say(JSON.stringify(row));
  }
  return rows;
}

/** What a worker is told of two platforms. @returns the file */
function configure(folder: string, data: string, ports: Readonly<Record<string, number>>): string {
  const [file, passwordFile] = [join(folder, 'causeway.yaml'), join(folder, 'password')];
  writeFileSync(passwordFile, PASSWORD, { mode: 0o600 });
  const platforms = Object.entries(ports).map(([name, port], at) => [name, { imap: plainService(port), lmtp: { host: '127.0.0.1', port: 1 + at }, entrances: [{ kind: 'trusted', passwordFile }] }]);
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ instance: 'large', data, listen: { imap: { host: '127.0.0.1', port: 0 } }, platforms: Object.fromEntries(platforms) }));
  return file;
}

/** The program as it is built, which is what an operator runs. */
async function startMover(orders: MoverOrders, compiled: string): Promise<ChildProcess> {
  const stderr = process.env['LARGE_EVENTS'] === undefined ? 'ignore' : 'inherit';
  const mover = fork(join(PROGRAM, '../dist/mover-worker.js'), [JSON.stringify(orders)], { stdio: ['ignore', 'ignore', stderr, 'ipc'], execArgv: [...LEAN.execArgv], env: { ...process.env, ...LEAN.env, NODE_COMPILE_CACHE: compiled } });
  const gone = once(mover, 'exit').then(() => Promise.reject(new Error('the mover ended at its start')));
  // Its first sign of life.
  await Promise.race([once(mover, 'message'), gone]);
  gone.catch(() => {});
  return mover;
}

/** @returns the port by which the path begins */
async function by({ bytesPerSecond, restMs = 0, rttMs }: Path, port: number): Promise<number> {
  if (bytesPerSecond === undefined && rttMs === undefined) return port;
  const relay = rttMs === undefined ? fork(join(import.meta.dirname, 'pace.ts'), [port, bytesPerSecond, restMs].map(String)) : fork(join(import.meta.dirname, '../mover/relay.ts'), [port, rttMs].map(String));
  closers.push(() => end(relay));
  return toldPort(relay);
}

/** @returns seconds until the account lives at the target */
async function move(store: Store, queue: Queue, address: string, told: Told[]): Promise<number> {
  const id = await store.transaction(async (tx) => {
    const [accountId] = await createAccounts(tx, [{ address, home: 'source', authority: 'ours' }], { actor: 'bench' });
    return requestMove(tx, { accountId: accountId!, source: 'source', target: 'target' });
  });
  await sweepMoves({ store, queue });
  return watchMove(store, id, told);
}
