/**
 * The demo: a practice provider's switch from beginning to end, each part a process of its own.
 *
 * Invariants: only processes that it started are ended, by their handles. A part of Causeway that dies is started
 * again, as systemd would; the practice platforms and the customers are the world, and stay alive.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutFolder, parseYaml } from '#config/index.ts';
import { attach, type Attached } from '#context/attach.ts';
import { candidatesOf } from '#context/candidates.ts';
import { readRunFile, RUN_FILE } from '#context/data-folder.ts';
import { isAlive } from '#context/processes.ts';
import { runPlan } from '#cutover/control.ts';
import { planFile } from '#cutover/plan-file.ts';
import { importAccounts, readAccountFile } from '#directory/index.ts';
import { schemeFault } from '#signin/index.ts';
import { CausewayError } from '#errors/index.ts';
import { systemClock as clock } from '#events/clock.ts';
import { holdTimes } from '#mover/index.ts';
import { type PlatformProcess, startPlatformProcess } from '#practice/index.ts';
import { readJournal } from '#rehearsal/journal.ts';
import { addGuests, FRIEND, GUEST } from '#rehearsal/guests.ts';
import { judge } from '#rehearsal/judge.ts';
import type { Customer } from '#rehearsal/provider.ts';
import { makeWorld, type World, writeConfig, writeNextHop } from '#rehearsal/world.ts';
import { keepAlive } from './child.ts';
import { addStaff, type DemoStaff } from './staff.ts';
import { endCustomers, startCustomers } from './customers.ts';
import { watch } from './watch.ts';
import { crashAndResume } from './crash.ts';
import { percentile, type Result } from './result.ts';
import type { View } from './state.ts';

export type Demo = {
  readonly result: Result;
  readonly ports: Attached['run']['ports'];
  readonly platforms: Readonly<Record<'old' | 'new', PlatformProcess>>;
  /** Where the status site lies as files. */
  readonly statusFolder: string;
  /** One of those that moved, to sign in as. */
  readonly customer: Customer;
  readonly staff: readonly DemoStaff[];
  stop(): Promise<void>;
};

export type DemoOptions = {
  readonly accounts: number;
  readonly seed: number;
  /** Folder of the instance; what an earlier demo left in it is removed. */
  readonly data: string;
  readonly view: View;
  readonly signal: AbortSignal;
  readonly databaseUrl: string | undefined;
};

/** Visits a second of all customers together: enough for the gates' windows, and with all else what two slow cores can do. */
const VISITS_PER_SECOND = 16;
const MESSAGES_PER_SECOND = 6;

export async function runDemo(options: DemoOptions): Promise<Demo> {
  const began = clock.monotonic();
  const { view, signal, data } = options;
  const stops: (() => Promise<unknown> | unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).toReversed()) await each();
  };
  try {
    const world = await layDown(options);
    const platforms = { old: await startPlatformProcess(world.platforms.old), new: await startPlatformProcess(world.platforms.new) };
    stops.push(() => Promise.all([platforms.old.close(), platforms.new.close()]));
    writeConfig(world, data, platforms, options.databaseUrl);
    const serving = serveAgainAndAgain(world);
    stops.push(() => serving.stop());
    const to = await reach(world, signal);
    stops.push(() => to.store.close());
    writeNextHop(world, to.run.ports.lmtp!);
    const watching = watch({ to, view, began, clock });
    stops.push(() => watching.stop());

    view.say(`The webmail: http://localhost:${to.run.ports.webmail!}  sign in as ${GUEST.address}, password ${GUEST.secret}`);
    const staff = await addStaff(to.store);
    view.say(`  another customer, to write to: ${FRIEND.address}, password ${FRIEND.secret}`);
    view.say(`The desk: http://localhost:${to.run.ports.office!}/desk/  the console: http://localhost:${to.run.ports.office!}/console/`);
    view.say(`  sign in as ${staff.map(({ name, role }) => `${name} (${role})`).join(', ')}; password of all: ${staff[0]!.password}`);
    view.say(`The status: http://localhost:${to.run.ports.status!}`);
    watching.doing('reading the accounts in');
    const rows = await readAccountFile(world.paths.accounts, { format: 'csv', platforms: to.run.platforms, hashFault: schemeFault });
    await to.store.transaction((tx) => importAccounts(tx, rows, { actor: 'demo', file: world.paths.accounts }));
    const customers = startCustomers(world, to.run.ports, { seed: options.seed, visitsPerSecond: VISITS_PER_SECOND, messagesPerSecond: MESSAGES_PER_SECOND }, watching.hear);
    stops.push(() => customers.kill());

    watching.doing('customers are at work; the waves begin');
    await runPlan(to.store, parseYaml(world.paths.plan, readFileSync(world.paths.plan, 'utf8'), planFile), candidatesOf(to.store), world.paths.plan, 'demo');
    await crashAndResume({ store: to.store, auth: platforms.old.auth, watching, clock, signal });
    watching.doing('the last customers sign out');
    await endCustomers(customers);
    watching.doing('other eyes read both platforms');
    const findings = await judge({
      provider: world.provider,
      files: world.files,
      journal: readJournal(world.paths.journal),
      faults: watching.faults(),
      platforms: (['old', 'new'] as const).map((name) => ({ name, port: platforms[name].trustedPort, token: world.tokens[name], folder: world.platforms[name].folder })),
      homes: await homesOf(to),
      onProgress: watching.judged,
    });
    await watching.stop();
    const holds = await holdTimes(to.store);
    const homes = await homesOf(to);
    const result: Result = {
      accounts: world.provider.customers.length,
      moved: world.provider.customers.filter(({ address }) => homes.get(address) === 'new').length,
      ...findings,
      holdMs: { p50: percentile(holds, 0.5), p99: percentile(holds, 0.99), max: holds.at(-1) ?? 0 },
      backedOut: watching.state().backedOut,
      seconds: Math.round((clock.monotonic() - began) / 100) / 10,
      restarts: serving.restarts(),
    };
    return { result, ports: to.run.ports, platforms, statusFolder: join(data, 'status-site'), customer: world.provider.customers[0]!, staff, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function layDown({ accounts, seed, data, view }: DemoOptions): Promise<World> {
  const running = readRunFile(data);
  if (running !== undefined && isAlive(running.serve)) {
    throw new CausewayError('conflict', 'a causeway serve runs on this data folder, perhaps another demo', {
      place: data,
      remedy: `End it first (its process is ${running.serve.pid}), or give this one another folder with --data.`,
    });
  }
  view.say(`A practice provider of ${accounts} customers, seed ${seed}, in ${data}`);
  mkdirSync(data, { recursive: true, mode: 0o711 });
  for (const name of ['postgres', 'directory', 'known-good', 'known-good.journal', RUN_FILE]) rmSync(join(data, name), { recursive: true, force: true });
  const world = await makeWorld(join(data, 'practice'), seed, accounts, () => {});
  addGuests(world, clock.now());
  view.say(`${world.provider.messages} real messages lie at the old platform`);
  return world;
}

function serveAgainAndAgain(world: World): ReturnType<typeof keepAlive> {
  const env = { ...process.env, CAUSEWAY_KNOWN_GOOD_KEY_FILE: world.paths.key };
  return keepAlive([join(checkoutFolder(), 'bin', 'causeway'), 'serve', '-c', world.paths.config], env, join(world.folder, 'serve.log'));
}

/** A first start makes a database and takes some seconds; a minute is a failure, which the log explains. */
const REACH_MS = 60_000;

async function reach(world: World, signal: AbortSignal): Promise<Attached> {
  const deadline = clock.monotonic() + REACH_MS;
  for (;;) {
    try {
      const to = await attach(world.paths.config);
      if (to.run.children.filter(({ role }) => role === 'gateway').length > 0 && to.run.ready) return to;
      await to.store.close();
    } catch (error) {
      if (clock.monotonic() > deadline) throw error;
    }
    await clock.sleep(50, signal);
  }
}

async function homesOf({ store }: Attached): Promise<Map<string, string>> {
  const [old, target] = await Promise.all([candidatesOf(store)('old'), candidatesOf(store)('new')]);
  return new Map([...old.map((each) => [each.address, 'old'] as const), ...target.map((each) => [each.address, 'new'] as const)]);
}
