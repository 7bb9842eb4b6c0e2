/**
 * The login storm: nginx, Dovecot's proxy and Causeway before the same mail store and the same slow verifier, while more
 * customers come than it can check. See bench/README.md.
 *
 * Invariants: every storm meets a fresh front and a fresh verifier, so nothing of one is left to the next. A customer
 * that gets no answer is never left out. Where the clients were late the row says so. Only processes that were started
 * here are ended.
 */
import { fork } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureSelfSigned } from '#net/certificate.ts';
import { commandLine, JSON_LINE, number, numbers, file, QUICK, some } from '../command-line.ts';
import { end, toldPort } from '../fronts/front.ts';
import { installMissing } from '../fronts/packages.ts';
import { startCustomers } from './orders.ts';
import { picture } from './picture.ts';
import { FRONTS, type Result, WINDOW_S } from './result.ts';
import { CAPACITY } from './start-verifier.ts';
import { storm } from './storm.ts';
import { jsonRow, table } from './table.ts';

const SECONDS = 45;
/** As many as the provider of the story has: those of an hour, here within half a minute. Each may need a connection. */
const MOST_CUSTOMERS = 28_000;
/** Each may have 20,000 sockets where the system gives no more. */
const CUSTOMERS_PROCESSES = 2;

const options = commandLine('storm', 'More customers than can be checked, before nginx, Dovecot\'s proxy and Causeway.', {
  fronts: some('who takes part', FRONTS),
  loads: numbers('times what the verifier can check (0.8,2,4,10)'),
  seconds: number(`how long each storm lasts; shorter where the customers do not suffice (${SECONDS})`),
  picture: file('where the picture goes', join(tmpdir(), 'causeway-storm.svg')),
  profile: file('a folder for CPU profiles of Causeway'),
  quick: QUICK,
  json: JSON_LINE,
});
const loads = options.loads ?? (options.quick ? [4] : [0.8, 2, 4, 10]);
const asked = options.seconds ?? (options.quick ? 20 : SECONDS);
const { fronts } = options;
if (loads.some((load) => !(load > 0)) || !(asked >= WINDOW_S)) throw new Error(`--loads 0.8,2 are multiples of the capacity, --seconds at least ${WINDOW_S}`);

const say = (text: string): void => void process.stderr.write(`${text}\n`);

installMissing();
const folder = mkdtempSync(join(tmpdir(), 'causeway-storm-'));
// The fronts' own users must be able to enter.
chmodSync(folder, 0o711);
const closers: (() => Promise<unknown>)[] = [];
let closeStorm: (() => Promise<void>) | undefined;
let stopped = false;
async function stop(): Promise<void> {
  if (stopped) return;
  stopped = true;
  await closeStorm?.();
  for (const close of closers.toReversed()) await close();
  rmSync(folder, { recursive: true, force: true });
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop().finally(() => process.exit(1)));

try {
  const results = await run();
  writeFileSync(options.picture, picture(results));
  process.stdout.write(`${table(results)}\n\npicture: ${options.picture}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify({ capacity: CAPACITY, rows: results.map(jsonRow) })}\n`);
} catch (error) {
  if (!stopped) say(`bench:storm: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await stop();
}

async function run(): Promise<Result[]> {
  const certificate = await ensureSelfSigned(join(folder, 'certificate'), ['localhost']);
  chmodSync(join(folder, 'certificate'), 0o711);
  const store = fork(join(import.meta.dirname, '../fronts/back-end.ts'));
  closers.push(() => end(store));
  const backEnd = await toldPort(store);
  const customers = Array.from({ length: CUSTOMERS_PROCESSES }, () => startCustomers());
  closers.push(async () => customers.forEach((process) => process.stop()));
  const results: Result[] = [];
  for (const load of loads) {
    const seconds = Math.max(WINDOW_S, Math.min(asked, Math.floor(MOST_CUSTOMERS / (load * CAPACITY))));
    for (const front of fronts) {
      say(`${front} at ${load} x ${CAPACITY}/s for ${seconds} s`);
      const result = await storm(front, load, seconds, {
        folder, certificate, backEnd, workers: availableParallelism(), customers, say,
        profile: options.profile,
        onOpen(close) {
          closeStorm = close;
        },
      });
      say(`  ${result.goodput.toFixed(1)} logins/s in the last ${WINDOW_S} s`);
      results.push(result);
    }
  }
  return results;
}
