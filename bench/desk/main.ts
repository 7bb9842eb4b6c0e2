/**
 * The desk at the provider of the story: 28,000 accounts, 5 million attempts kept, 70 technicians, and the gateway at 100
 * logins a second beside. See bench/README.md.
 *
 * Invariants: a failed request or login fails the run. Only processes that were started here are ended.
 */
import { fork } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attach } from '#context/attach.ts';
import { systemClock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import { ensureSelfSigned } from '#net/certificate.ts';
import { createHasher } from '#signin/index.ts';
import { invite } from '#staff/invite.ts';
import { createClosing } from '../closing.ts';
import { commandLine, JSON_LINE, number, QUICK } from '../command-line.ts';
import { end, toldPort } from '../fronts/front.ts';
import { type LoadGenerator, startLoadGenerator } from '../gateway/orders.ts';
import { startOffice } from './office.ts';
import { fillHistory, importPeople, personOf, secretOf } from './people.ts';
import type { Orders, Seen } from './technicians.ts';
import { answerAll } from './update.ts';

const options = commandLine('desk', 'The desk at the provider of the story: 70 technicians, 5 million attempts kept, logins beside.', {
  accounts: number('customers (28000)'),
  attempts: number('rows of attempts that are kept (5000000)'),
  seconds: number('how long the technicians work (120)'),
  pace: number('times the 1,000 calls an hour', 1),
  quick: QUICK,
  json: JSON_LINE,
});
const PEOPLE = options.accounts ?? (options.quick ? 2_000 : 28_000);
const ATTEMPTS = options.attempts ?? (options.quick ? 50_000 : 5_000_000);
const SECONDS = options.seconds ?? (options.quick ? 15 : 120);
const CALLS_PER_HOUR = 1_000 * options.pace;
const TECHNICIANS = 70;
const LOGINS_PER_SECOND = 100;
/** Customers whose mail programs come again and again. */
const SIGNING = 200;
/** Of one incident. */
const CASES = options.quick ? 200 : 2_000;

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const folder = mkdtempSync(join(tmpdir(), 'causeway-desk-'));
// PostgreSQL's own user must be able to enter.
chmodSync(folder, 0o711);
const closing = createClosing();
const { closers } = closing;
closers.push(() => rmSync(folder, { recursive: true, force: true }));

try {
  const result = await run();
  process.stdout.write(
    [
      `${PEOPLE} accounts, ${result.kept} rows of attempts kept; ${result.calls} calls in ${SECONDS} s, ${result.logins} logins beside`,
      `find    p50 ${result.findP50Ms.toFixed(1)} ms, p95 ${result.findP95Ms.toFixed(1)} ms, of ${result.finds}`,
      `screen  p50 ${result.screenP50Ms.toFixed(1)} ms, p95 ${result.screenP95Ms.toFixed(1)} ms, of ${result.screens}`,
      `update  ${result.answered} of ${result.cases} cases answered and ${result.closed} closed within ${result.updateS.toFixed(1)} s, the process killed meanwhile; ${result.doubled} doubled`,
      '',
    ].join('\n'),
  );
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
} catch (error) {
  if (!closing.interrupted) say(`bench:desk: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exitCode = 1;
} finally {
  await closing.close();
  process.exit();
}

async function run() {
  mkdirSync(join(folder, 'certificate'));
  const certificate = await ensureSelfSigned(join(folder, 'certificate'), ['localhost']);
  say('starting causeway');
  const office = await startOffice(folder, certificate, { old: await mailStore(), new: await mailStore() });
  closers.push(() => office.stop());
  const attached = await attach(office.config);
  closers.push(() => attached.store.close());
  say(`importing ${PEOPLE} accounts, and ${ATTEMPTS} rows of what was seen of them`);
  await importPeople(attached.store, PEOPLE, SIGNING);
  const kept = await fillHistory(attached.run.database!, ATTEMPTS);
  const cookies = await signIn(office.url, attached);

  const load = startLoadGenerator(Array.from({ length: SIGNING }, (_, n) => [personOf(n).address, secretOf(n)] as const));
  closers.push(() => load.stop());
  await logins(load, { do: 'logins', port: office.imaps, tls: true, count: SIGNING * 2, atOnce: 8 });

  say(`${TECHNICIANS} technicians, ${CALLS_PER_HOUR} calls an hour, ${LOGINS_PER_SECOND} logins a second, for ${SECONDS} s`);
  const beside = logins(load, { do: 'rate', port: office.imaps, perSecond: LOGINS_PER_SECOND, seconds: SECONDS });
  const seen = await technicians({ url: office.url, technicians: TECHNICIANS, callsPerHour: CALLS_PER_HOUR, seconds: SECONDS, people: PEOPLE, cookies });
  const { ms } = await beside;
  if (seen.failures.length > 0) throw new Error(`${seen.failures.length} failures, the first: ${seen.failures[0]}`);
  const updated = await answerAll(attached.store, office, CASES, cookies, say);
  return {
    findP95Ms: at(seen.findMs, 0.95), screenP95Ms: at(seen.screenMs, 0.95), ...updated, findP50Ms: at(seen.findMs, 0.5), screenP50Ms: at(seen.screenMs, 0.5),
    finds: seen.findMs.length, screens: seen.screenMs.length, calls: seen.calls, logins: ms.length, loginP95Ms: at(ms, 0.95), kept, cases: CASES,
  };
}

async function mailStore(): Promise<number> {
  const store = fork(join(import.meta.dirname, '../fronts/back-end.ts'));
  closers.push(() => end(store));
  return toldPort(store);
}

async function logins(load: LoadGenerator, order: Parameters<LoadGenerator['run']>[0]): Promise<{ readonly ms: readonly number[] }> {
  const done = await load.run(order);
  if (done.failed.length > 0) throw new Error(`${done.failed.length} logins failed, the first: ${done.failed[0]}`);
  return done;
}

/** Each technician by a password of her own. */
async function signIn(url: string, { store }: Pick<Awaited<ReturnType<typeof attach>>, 'store'>): Promise<string[]> {
  const hasher = createHasher({ clock: systemClock, emit: silent, workers: 1 });
  const cookies: string[] = [];
  for (let n = 0; n < TECHNICIANS; n += 1) {
    const { name, password } = await invite(`tech${n}`, n % 3 === 0 ? 'level-two' : 'level-one', { store, makeHash: hasher.makeInTurn, seal: undefined, by: { actor: 'bench' } });
    const answer = await fetch(new URL('/api/staff/sign-in', url), { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name, secret: password }) });
    if (!answer.ok) throw new Error(`${name} is not let in: ${answer.status} ${await answer.text()}`);
    cookies.push(answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0]!).join('; '));
  }
  await hasher.close();
  return cookies;
}

async function technicians(orders: Orders): Promise<Seen> {
  const child = fork(join(import.meta.dirname, 'technicians-process.ts'));
  closers.push(() => end(child));
  return new Promise((resolve, reject) => {
    child.once('message', (seen) => resolve(seen as Seen));
    child.once('exit', () => reject(new Error('the technicians went')));
    child.send(orders);
  });
}

function at(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
}
