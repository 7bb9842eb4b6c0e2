/**
 * The gateway beside its peers: nginx, Dovecot's proxy and Causeway before the same mail store, under the same load, in
 * one run. See bench/README.md.
 *
 * Invariants: the fronts take turns in each round, so that what the machine does besides falls on all of them. One
 * failed login fails the run: a front that refuses is cheap. Only processes that were started here are ended.
 */
import { fork } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureSelfSigned } from '#net/certificate.ts';
import { commandLine, JSON_LINE, file, QUICK, some } from '../command-line.ts';
import { startCauseway } from '../fronts/causeway.ts';
import { startDovecot } from '../fronts/dovecot.ts';
import { type Account, end, type Front, type Setting, toldPort } from '../fronts/front.ts';
import { startNginx } from '../fronts/nginx.ts';
import { installMissing } from '../fronts/packages.ts';
import { ask, bulk, idleKiB, latency, loginCost, median, type Sizes } from './measure.ts';
import { startLoadGenerator } from './orders.ts';
import { type Beside, type Row, table } from './table.ts';

const FULL: Sizes = { rounds: 5, warmUp: 2_000, logins: 1_500, latencyLogins: 100, idleSteps: 3, idle: 1_000, bulkBytes: 200_000_000 };
const SHORT: Sizes = { rounds: 1, warmUp: 400, logins: 200, latencyLogins: 20, idleSteps: 1, idle: 100, bulkBytes: 20_000_000 };
/** More than are ever under way; few enough to be known good after a short warm-up. */
const ACCOUNTS = 200;
/** A front answers within this, or has not started. */
const START_MS = 20_000;
/** What first sign-ins leave to be done in the background: new hashes are made, some ten a second, and stored. */
const SETTLE_MS = 30_000;

const options = commandLine('gateway', 'nginx, Dovecot\'s proxy and Causeway before the same mail store: logins per CPU-second, idle connections, bulk.', {
  fronts: some('who takes part', ['nginx', 'dovecot', 'causeway']),
  profile: file('a folder for CPU profiles of Causeway'),
  quick: QUICK,
  json: JSON_LINE,
});
const sizes = options.quick ? SHORT : FULL;

type Figures = { -readonly [Key in Exclude<keyof (Row & Beside), 'front'>]: number[] };

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

installMissing();
const folder = mkdtempSync(join(tmpdir(), 'causeway-bench-'));
// The fronts' own users must be able to enter.
chmodSync(folder, 0o711);
const closers: (() => Promise<unknown>)[] = [];
let stopped = false;
async function stop(): Promise<void> {
  if (stopped) return;
  stopped = true;
  for (const close of closers.toReversed()) await close();
  rmSync(folder, { recursive: true, force: true });
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop().finally(() => process.exit(1)));

try {
  const rows = await run();
  process.stdout.write(`${table(rows)}\n`);
  if (options.json) {
    const shown = rows.map(({ front, tlsLoginsPerCpuSecond, plainLoginsPerCpuSecond, idleTlsKiB, bulkTlsMBps, p50Ms }) => ({ front, tlsLoginsPerCpuSecond, plainLoginsPerCpuSecond, idleTlsKiB, bulkTlsMBps, p50Ms }));
    process.stdout.write(`${JSON.stringify({ rows: shown })}\n`);
  }
} catch (error) {
  if (!stopped) say(`bench:gateway: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await stop();
}

async function run(): Promise<(Row & Beside)[]> {
  const certificate = await ensureSelfSigned(join(folder, 'certificate'), ['localhost']);
  chmodSync(join(folder, 'certificate'), 0o711);
  const accounts = Array.from({ length: ACCOUNTS }, (_, i): Account => [`customer${i}@isp.example`, `secret-${i}-${'x'.repeat(8)}`]);
  const store = fork(join(import.meta.dirname, '../fronts/back-end.ts'));
  closers.push(() => end(store));
  const backEnd = await toldPort(store);
  const load = startLoadGenerator(accounts);
  closers.push(async () => load.stop());

  const fronts: Front[] = [];
  const start = async (name: string, starter: (setting: Setting) => Promise<Front>): Promise<void> => {
    say(`starting ${name}`);
    const own = join(folder, name);
    mkdirSync(own, { mode: 0o755 });
    const front = await starter({ folder: own, certificate, accounts, backEnd, workers: availableParallelism() });
    closers.push(() => front.stop());
    fronts.push(front);
    await warm(front);
  };
  const warm = async (front: Front): Promise<void> => {
    for (const until = performance.now() + START_MS; ; await sleep(100)) {
      const { failed } = await load.run({ do: 'logins', port: front.tls, tls: true, count: 1, atOnce: 1 });
      if (failed.length === 0) break;
      if (performance.now() > until) throw new Error(`${front.name} does not answer: ${failed[0]}`);
    }
    await ask(load, { do: 'logins', port: front.tls, tls: true, count: sizes.warmUp, atOnce: 8 });
    if (front.plain !== undefined) await ask(load, { do: 'logins', port: front.plain, tls: false, count: sizes.warmUp, atOnce: 8 });
  };
  const starters: Readonly<Record<(typeof options.fronts)[number], (setting: Setting) => Promise<Front>>> = {
    nginx: startNginx,
    dovecot: startDovecot,
    causeway: (setting) => startCauseway(setting, options.profile),
  };
  for (const name of options.fronts) await start(name, starters[name]);
  await sleep(SETTLE_MS);

  const figures = new Map<Front, Figures>();
  for (const front of fronts) {
    say(`memory: ${front.name}`);
    figures.set(front, {
      idleTlsKiB: [await idleKiB(load, front, sizes)],
      tlsLoginsPerCpuSecond: [], plainLoginsPerCpuSecond: [], bulkTlsMBps: [], p50Ms: [], tlsLoginsPerSecond: [], cpuSecondsPerGigabyte: [], backEndMs: [],
    });
  }
  for (let round = 1; round <= sizes.rounds; round += 1) {
    say(`round ${round} of ${sizes.rounds}`);
    for (const [front, of] of figures) {
      const cost = await loginCost(load, front, store.pid!, front.tls, true, sizes.logins);
      of.tlsLoginsPerCpuSecond.push(cost.perCpuSecond);
      of.tlsLoginsPerSecond.push(cost.perSecond);
      of.backEndMs.push(cost.backEndMs);
    }
    for (const [front, of] of figures) {
      if (front.plain !== undefined) of.plainLoginsPerCpuSecond.push((await loginCost(load, front, store.pid!, front.plain, false, sizes.logins)).perCpuSecond);
    }
    for (const [front, of] of figures) of.p50Ms.push(await latency(load, front, sizes.latencyLogins));
    for (const [front, of] of figures) {
      const { megabytesPerSecond, cpuSecondsPerGigabyte } = await bulk(load, front, sizes.bulkBytes);
      of.bulkTlsMBps.push(megabytesPerSecond);
      of.cpuSecondsPerGigabyte.push(cpuSecondsPerGigabyte);
    }
  }
  return [...figures].map(([front, of]) => ({
    front: front.name,
    tlsLoginsPerCpuSecond: median(of.tlsLoginsPerCpuSecond),
    plainLoginsPerCpuSecond: of.plainLoginsPerCpuSecond.length === 0 ? null : median(of.plainLoginsPerCpuSecond),
    idleTlsKiB: median(of.idleTlsKiB),
    bulkTlsMBps: median(of.bulkTlsMBps),
    p50Ms: median(of.p50Ms),
    tlsLoginsPerSecond: median(of.tlsLoginsPerSecond),
    cpuSecondsPerGigabyte: median(of.cpuSecondsPerGigabyte),
    backEndMs: median(of.backEndMs),
  }));
}
