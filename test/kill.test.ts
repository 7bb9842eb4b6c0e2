/**
 * SIGKILL at random moments: of `serve` and all its workers, of its PostgreSQL, of both; and before them a mover that is
 * stopped past its take-over and goes on. The world (platforms, customers, senders) stays alive and keeps its journal, and the
 * judge must find what it finds on a quiet day.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readRunFile, type RunFile } from '../src/context/data-folder.ts';
import { isAlive } from '../src/context/processes.ts';
import { createRandom } from '../src/rehearsal/random.ts';
import { belongsTo, readPidFile } from '../src/store/embedded/processes.ts';

/** At most; CAUSEWAY_KILLS=12 is the long form. How many a switch has room for is the machine's affair, but each kind comes. */
const KILLS = Number(process.env['CAUSEWAY_KILLS'] ?? 4);
const KINDS = ['serve', 'database', 'both'] as const;
/** Longer than until another takes a silent mover's moves over. */
const STOPPED_MS = 14_000;
/** On slow cores a switch took 130 to 160 s alone. One that hangs tells where, instead of being cut off without a word. */
const SWITCH_MS = 400_000;
const CHECKOUT = resolve(import.meta.dirname, '..');
const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
const started: { data: string; demo: ChildProcess; ended: Promise<unknown> }[] = [];
afterEach(async () => {
  for (const { data, demo, ended } of started.splice(0)) {
    // A demo that is told to end takes all that it started with it.
    demo.kill('SIGTERM');
    await ended;
    rmSync(data, { recursive: true, force: true });
  }
});

type Running = { data: string; moved: () => number; ended: Promise<{ code: number | null; result: Record<string, unknown>; log: string }>; over: () => boolean };

function startDemo(accounts: number, seed: number): Running {
  // As root the embedded server's own user must be able to enter.
  const home = process.getuid?.() === 0 ? '/var/lib/causeway' : tmpdir();
  mkdirSync(home, { recursive: true, mode: 0o755 });
  const data = realpathSync(mkdtempSync(join(home, 'kill-')));
  const args = ['demo', '--exit', '--json', '--accounts', String(accounts), '--seed', String(seed), '--data', data];
  const child = spawn(join(CHECKOUT, 'bin/causeway'), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let log = '';
  let moved = 0;
  let over = false;
  child.stdout.on('data', (chunk: Buffer) => (out += chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk;
    for (const [, waves] of chunk.toString().matchAll(/ s {2}moved: ([^;]*);/g)) {
      moved = [...waves!.matchAll(/ (\d+)\/\d+/g)].reduce((sum, [, n]) => sum + Number(n), 0);
    }
    if (log.includes('the last customers sign out')) over = true;
  });
  const ended = new Promise<{ code: number | null; result: Record<string, unknown>; log: string }>((done) =>
    child.once('exit', (code) => {
      over = true;
      const last = out.trimEnd().split('\n').at(-1)!;
      done({ code, result: last === '' ? {} : (JSON.parse(last) as Record<string, unknown>), log });
    }),
  );
  const overdue = setTimeout(() => {
    log += '\n-- the switch does not end --\n';
    child.kill('SIGTERM');
  }, SWITCH_MS);
  void ended.then(() => clearTimeout(overdue));
  started.push({ data, demo: child, ended });
  return { data, moved: () => moved, ended, over: () => over };
}

async function ready(demo: Running): Promise<RunFile | undefined> {
  while (!demo.over()) {
    const run = readRunFile(demo.data);
    if (run?.ready === true && isAlive(run.serve)) return run;
    await sleep(20);
  }
  return undefined;
}

function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It had ended by itself.
  }
}

function killPostgres(demo: Running): void {
  const pgdata = join(demo.data, 'postgres/pgdata');
  const pid = readPidFile(pgdata)?.pid;
  if (pid !== undefined && belongsTo(pid, pgdata)) kill(pid);
}
const killServe = (run: RunFile): void => [run.serve, ...run.children].filter(isAlive).forEach(({ pid }) => kill(pid));

/** Exit 0 stands for all the zeros; they are held one by one so that a failure tells which. */
async function expectZeros(demo: Running, accounts: number): Promise<void> {
  const { code, result, log } = await demo.ended;
  const told = log.slice(-4_000);
  expect(result, told).toMatchObject({ moved: accounts, missing: 0, altered: 0, doubled: 0, falseRejections: 0, falseAcceptances: 0, wronglyUnavailable: 0 });
  expect(code, told).toBe(0);
}

test('a mover stopped past its take-over; then serve and its workers, PostgreSQL, and both, killed again and again', { timeout: 480_000 }, async () => {
  const seed = Number(process.env['CAUSEWAY_TEST_SEED'] ?? Date.now() % 100_000);
  const random = createRandom(seed);
  const demo = startDemo(24, seed);
  while (!demo.over() && demo.moved() < 2) await sleep(50);
  const mover = (await ready(demo))?.children.find(({ role }) => role === 'mover');
  expect(mover).toBeDefined();
  kill(mover!.pid, 'SIGSTOP');
  await sleep(STOPPED_MS);
  kill(mover!.pid, 'SIGCONT');
  let kills = 0;
  while (kills < KILLS) {
    await ready(demo);
    await sleep(300 + random.below(2_500));
    const run = await ready(demo);
    if (run === undefined) break;
    const kind = KINDS[kills % KINDS.length]!;
    if (kind !== 'database') killServe(run);
    if (kind !== 'serve') killPostgres(demo);
    kills += 1;
  }
  await expectZeros(demo, 24);
  expect(kills, `seed ${seed}: the switch was over before each kind of kill was done`).toBeGreaterThanOrEqual(KINDS.length);
});
