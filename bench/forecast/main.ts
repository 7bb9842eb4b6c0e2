/**
 * How good forecasts are: twenty practice switches of varied sizes, with the real program, its movers and two practice
 * platforms; what was said when a quarter of the time was over, beside when the switch ended. See bench/README.md.
 *
 *   npm run bench:forecast          the table; exit status 1 when fewer than 16 of 20 ends lay in the range
 *   npm run bench:forecast -- --switches 5 --seed 2 --json
 *
 * Invariants: what is judged are the revisions that were kept in the store, as everybody sees them; what began earlier knows
 * nothing of what came later. Only processes that were started here are ended.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { attach } from '#context/attach.ts';
import { candidatesOf } from '#context/candidates.ts';
import { runPlan } from '#cutover/control.ts';
import { forecastsAtAQuarter, type Kept, revise } from '#cutover/forecast/index.ts';
import { planFile } from '#cutover/plan-file.ts';
import { findPlan } from '#cutover/records.ts';
import { addUsers, seedMailbox, startPlatformProcess } from '#practice/index.ts';
import type { Store } from '#store/index.ts';
import { createClosing } from '../closing.ts';
import { commandLine, JSON_LINE, number } from '../command-line.ts';
import { causeway, install, SENTINEL, serve } from '../../test/installation.ts';
import { makeSwitches, messageOf, type Switch } from './switches.ts';

const options = commandLine('forecast', 'Practice switches of varied sizes: what was foretold at a quarter of the way, and when each ended.', {
  switches: number('how many', 20),
  seed: number('of their sizes', 1),
  json: JSON_LINE,
});

/** Of twenty: what a forecast is for. */
const WITHIN = 0.8;
/** As a look at a switch of a day every few minutes: often enough that there is one at a quarter. */
const REVISE_MS = 300;
const GIVE_UP_MS = 60_000;

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const closing = createClosing();
const { closers } = closing;

type Row = { readonly name: string; readonly waves: number; readonly accounts: number; readonly messages: number; readonly mb: number; readonly tookS: number; readonly quarter: { readonly atS: number; readonly fromS: number; readonly likelyS: number; readonly toS: number }; readonly within: boolean };

try {
  const switches = makeSwitches(options.seed, options.switches);
  const store = await start(switches);
  const rows: Row[] = [];
  for (const each of switches) {
    rows.push(rowOf(each, await run(store, each)));
    say(line(rows.at(-1)!));
  }
  const within = rows.filter((row) => row.within).length;
  process.stdout.write(`${table(rows)}\n${within} of ${rows.length} ends lay in the range given at a quarter of the way.\n`);
  if (options.json) process.stdout.write(`${JSON.stringify({ within, of: rows.length, rows })}\n`);
  if (within < rows.length * WITHIN) process.exitCode = 1;
} catch (error) {
  say(`bench:forecast: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exitCode = 1;
} finally {
  await closing.close();
  process.exit();
}

async function start(switches: readonly Switch[]): Promise<Store> {
  const world = install({});
  closers.push(() => world.remove());
  const accounts = switches.flatMap(({ waves }) => waves.flat());
  say(`laying down ${accounts.length} accounts, ${accounts.reduce((sum, { messages }) => sum + messages.length, 0)} messages`);
  const platforms: Record<string, Awaited<ReturnType<typeof startPlatformProcess>>> = {};
  for (const [n, name] of ['old', 'new'].entries()) {
    const folder = join(world.folder, name);
    const uidValidityBase = n * 2e8;
    addUsers(folder, [...accounts.map(({ address }) => ({ user: address, secret: 'right' })), SENTINEL], { uidValidityBase });
    for (const { address, messages } of n === 0 ? accounts : []) {
      seedMailbox(folder, address, 'INBOX', messages.map((bytes, at) => ({ bytes: messageOf(address, at, bytes), internalDateMs: 1_500_000_000_000 + at * 60_000 })), { uidValidityBase });
    }
    const platform = await startPlatformProcess({ name, folder, uidValidityBase, trustedTokenFile: join(world.folder, 'token') });
    closers.push(() => platform.close());
    platforms[name] = platform;
  }
  const place = install(platforms);
  closers.push(() => place.remove());
  const running = serve(place.config);
  closers.push(() => running.stop());
  await running.event('serve.ready');
  const file = place.file('accounts.csv', `address,platform\n${accounts.map(({ address }) => `${address},old`).join('\n')}\n`);
  const imported = await causeway(['account', 'import', file, '-c', place.config]);
  if (imported.status !== 0) throw new Error(imported.stderr);
  const { store } = await attach(place.config);
  closers.push(() => store.close());
  return store;
}

/** @returns what was said at a quarter */
async function run(store: Store, { name, waves }: Switch): Promise<Kept> {
  const file = planFile.parse({ plan: name, from: 'old', to: 'new', waves: waves.map((accounts, at) => ({ name: `wave ${at + 1}`, accounts: accounts.map(({ address }) => address) })) });
  await runPlan(store, file, candidatesOf(store), name, 'bench');
  const until = performance.now() + GIVE_UP_MS;
  for (;;) {
    await revise(store);
    const plan = await findPlan(store, name);
    if (plan.state === 'done') break;
    if (plan.state !== 'running' || performance.now() > until) throw new Error(`${name} is ${plan.state}: ${plan.reason}`);
    await sleep(REVISE_MS);
  }
  await revise(store);
  const { id } = await findPlan(store, name);
  const kept = (await forecastsAtAQuarter(store, 1_000)).find((each) => each.kind === 'plan' && each.id === id);
  if (kept === undefined) throw new Error(`${name} was never forecast`);
  return kept;
}

function rowOf({ name, waves }: Switch, { beganAt, endedAt, madeAt, fromAt, likelyAt, toAt }: Kept): Row {
  const sizes = waves.flat().map(({ messages }) => messages);
  const since = (at: Date): number => (at.getTime() - beganAt.getTime()) / 1_000;
  return {
    name,
    waves: waves.length,
    accounts: sizes.length,
    messages: sizes.reduce((sum, each) => sum + each.length, 0),
    mb: sizes.flat().reduce((sum, bytes) => sum + bytes, 0) / 1e6,
    tookS: since(endedAt),
    quarter: { atS: since(madeAt), fromS: since(fromAt), likelyS: since(likelyAt), toS: since(toAt) },
    within: fromAt <= endedAt && endedAt <= toAt,
  };
}

function cells({ name, waves, accounts, messages, mb, tookS, quarter, within }: Row): string[] {
  return [name, String(waves), String(accounts), String(messages), mb.toFixed(1), quarter.atS.toFixed(1), quarter.fromS.toFixed(1), quarter.likelyS.toFixed(1), quarter.toS.toFixed(1), tookS.toFixed(1), within ? 'yes' : 'NO'];
}

function line(row: Row): string {
  return cells(row).join('  ');
}

function table(rows: readonly Row[]): string {
  const lines = [['', 'waves', 'accounts', 'messages', 'MB', 'said at s', 'from', 'likely', 'to', 'ended at s', 'in range'], ...rows.map(cells)];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((each) => each[column]!.length)));
  return lines.map((each) => each.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ')).join('\n');
}
