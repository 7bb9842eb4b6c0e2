/** One storm: a front of its own making, fresh, at one load. */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startCauseway } from '../fronts/causeway.ts';
import { startDovecot } from '../fronts/dovecot.ts';
import { end, type Front, type Setting, type VerifierPorts } from '../fronts/front.ts';
import { startNginx } from '../fronts/nginx.ts';
import { cpuSeconds, idleSeconds } from '../fronts/processes.ts';
import { customer } from './customers.ts';
import { type Customers, type Event, EVENTS, type Seen } from './orders.ts';
import type { Checks, Manner } from './verifier.ts';

/** 20 places of 200 ms: 100 checks a second. */
export const PLACES = 20;
export const CHECK_MS = 200;
export const CAPACITY = (PLACES * 1_000) / CHECK_MS;

/** What is judged is the end of the storm: peers need some 20 s to fall at twice the capacity. */
export const WINDOW_S = 15;
/** Before the first customer comes: the clients fetch their tickets. */
const START_MS = 1_500;
/** A front answers within this, or has not started. */
const FIRST_ANSWER_MS = 30_000;

/** For `causeway-known`: each signed in once before. More than are ever on their way at the same moment. */
const KNOWN = 2_000;
const WARM_AT_ONCE = 16;
/** Closed loop, to see how many logins a CPU-second makes. */
const CALIBRATION = 3_000;
const CALIBRATION_AT_ONCE = 16;
/** What is offered to it at most, of the logins that a CPU-second makes. */
const KNOWN_SHARE = 0.8;
/** What first sign-ins leave to do in the background ends within this, or is left. */
const REST_MS = 90_000;
const REST_CORES = 0.05;

export const FRONTS = ['nginx', 'dovecot', 'causeway', 'causeway-known'] as const;
export type FrontName = (typeof FRONTS)[number];

export type Result = {
  readonly front: FrontName;
  /** As asked for, in multiples of the capacity. */
  readonly load: number;
  /** As offered: less where a known front's CPU bounds it. */
  readonly offered: number;
  readonly seconds: number;
  readonly perSecond: Readonly<Record<Event, number[]>>;
  /** In the window, by the second. */
  readonly goodput: number;
  readonly refusalsAfterSecret: number;
  readonly refusalsBefore: number;
  readonly timeOuts: number;
  /** ms; undefined when nobody got in in the window. */
  readonly p95: number | undefined;
  /** The same from the secret on. */
  readonly p95AfterSecret: number | undefined;
  /** In the whole storm. */
  readonly falseRejections: number;
  /** At the end. */
  readonly waiting: number;
  readonly connections: number;
  /** Answers of the verifier a second in the window, in time or not. */
  readonly checks: number;
  /** ms, 99th percentile in the window. */
  readonly late: number;
  /** In the window, in cores. */
  readonly cores: { readonly front: number; readonly clients: number; readonly idle: number };
  readonly notResumed: number;
  /** Of a known front, before the storm. */
  readonly loginsPerCpuSecond: number | undefined;
  readonly words: Readonly<Record<string, number>>;
};

export type Around = {
  readonly folder: string;
  readonly certificate: Setting['certificate'];
  readonly backEnd: number;
  readonly workers: number;
  readonly customers: readonly Customers[];
  readonly say: (text: string) => void;
  /** Called with what ends whatever was started; it is called again with undefined when all has ended. */
  readonly onOpen: (close: (() => Promise<void>) | undefined) => void;
  readonly profile: string | undefined;
};

const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

export async function storm(name: FrontName, load: number, seconds: number, around: Around): Promise<Result> {
  const { customers, say } = around;
  const known = name === 'causeway-known';
  const own = join(around.folder, `${name}-${load}`);
  mkdirSync(own, { mode: 0o755 });
  const verifier = await startVerifier();
  around.onOpen(verifier.stop);
  // Quick only while everybody becomes known; else as slow as it will be, which is what a front may learn of it.
  await verifier.answer({ places: PLACES, ms: known ? 0 : CHECK_MS });
  const count = known ? KNOWN : Math.ceil(load * CAPACITY * seconds) + 1;
  const accounts = Array.from({ length: count + 1 }, (_, number) => customer(number));
  const front = await starters[name]({ folder: own, certificate: around.certificate, accounts, verifier: verifier.ports, backEnd: around.backEnd, workers: around.workers }, around.profile);
  around.onOpen(async () => {
    await front.stop();
    await verifier.stop();
  });
  try {
    // The sentinel's account: none of the customers.
    await answers(front, customers[0]!);
    let loginsPerCpuSecond: number | undefined;
    if (known) {
      say('  everybody signs in once');
      await customers[0]!.run({ do: 'all', port: front.tls, first: 1, count: KNOWN, atOnce: WARM_AT_ONCE });
      await rest(front);
      const before = cpuSeconds(front.roots());
      await customers[0]!.run({ do: 'all', port: front.tls, first: 1, count: KNOWN, atOnce: CALIBRATION_AT_ONCE });
      await customers[0]!.run({ do: 'all', port: front.tls, first: 1, count: CALIBRATION - KNOWN, atOnce: CALIBRATION_AT_ONCE });
      loginsPerCpuSecond = CALIBRATION / (cpuSeconds(front.roots()) - before);
      say(`  ${loginsPerCpuSecond.toFixed(0)} logins per CPU-second`);
    }
    await verifier.answer({ places: PLACES, ms: CHECK_MS });
    const offered = known ? Math.min(load, (KNOWN_SHARE * loginsPerCpuSecond!) / CAPACITY) : load;

    const began = Date.now() + START_MS;
    const running = customers.map((process, index) =>
      process.run({
        do: 'storm', port: front.tls, began, seconds, perSecond: (offered * CAPACITY) / customers.length,
        // Known ones are shared out too, so that no two processes take the same address.
        first: 1 + index, step: customers.length, among: known ? KNOWN - (KNOWN % customers.length) : undefined,
      }),
    );
    const all = Promise.all(running);
    // It is waited for below; until then a failure must not be nobody's.
    all.catch(() => {});
    const measure = async (): Promise<{ at: number; front: number; clients: number; idle: number; checks: number }> => {
      const { done } = await verifier.answer({ places: PLACES, ms: CHECK_MS });
      return { at: performance.now(), front: cpuSeconds(front.roots()), clients: cpuSeconds(customers.map(({ process }) => process.pid!)), idle: idleSeconds(), checks: done };
    };
    await sleep(began + (seconds - WINDOW_S) * 1_000 - Date.now());
    const a = await measure();
    await sleep(began + seconds * 1_000 - Date.now());
    const b = await measure();
    const took = (b.at - a.at) / 1_000;
    const seen = sum(await all, seconds);
    const inWindow = (values: readonly number[]): number => values.slice(-WINDOW_S).reduce((total, value) => total + value, 0) / WINDOW_S;
    const windowed = <T extends readonly [number, ...number[]]>(tuples: readonly T[]): T[] => tuples.filter(([at]) => at >= seconds - WINDOW_S);
    return {
      front: name, load, offered, seconds, perSecond: seen.perSecond, loginsPerCpuSecond,
      goodput: inWindow(seen.perSecond.in),
      refusalsAfterSecret: inWindow(seen.perSecond.refusedAfterSecret),
      refusalsBefore: inWindow(seen.perSecond.refusedBefore),
      timeOuts: inWindow(seen.perSecond.timedOut),
      p95: percentile(windowed(seen.in).map(([, ms]) => ms), 0.95),
      p95AfterSecret: percentile(windowed(seen.in).map(([, , ms]) => ms), 0.95),
      falseRejections: seen.perSecond.rejected.reduce((total, value) => total + value, 0),
      waiting: seen.waiting, connections: seen.connections, notResumed: seen.notResumed / Math.max(1, seen.handshakes), words: seen.words,
      checks: (b.checks - a.checks) / took,
      late: percentile(windowed(seen.late).map(([, ms]) => ms), 0.99) ?? 0,
      cores: { front: (b.front - a.front) / took, clients: (b.clients - a.clients) / took, idle: (b.idle - a.idle) / took },
    };
  } finally {
    await front.stop();
    await verifier.stop();
    around.onOpen(undefined);
    rmSync(own, { recursive: true, force: true });
  }
}

const starters: Readonly<Record<FrontName, (setting: Setting, profile: string | undefined) => Promise<Front>>> = {
  nginx: startNginx,
  dovecot: startDovecot,
  causeway: startCauseway,
  'causeway-known': startCauseway,
};

type Verifier = { readonly ports: VerifierPorts; answer(manner: Manner): Promise<Checks>; stop(): Promise<void> };

async function startVerifier(): Promise<Verifier> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'verifier.ts'));
  const next = <T>(): Promise<T> =>
    new Promise((resolve, reject) => {
      const ended = (): void => reject(new Error('the verifier ended'));
      child.once('exit', ended);
      child.once('message', (message) => {
        child.off('exit', ended);
        resolve(message as T);
      });
    });
  const ports = await next<VerifierPorts>();
  return {
    ports,
    answer(manner) {
      child.send(manner);
      return next<Checks>();
    },
    stop: () => end(child),
  };
}

/** Until the sentinel's own customer is in. */
async function answers(front: Front, customers: Customers): Promise<void> {
  const over = new AbortController();
  const late = sleep(FIRST_ANSWER_MS).then(() => {
    if (!over.signal.aborted) throw new Error(`${front.name} lets nobody in`);
  });
  for (let tries = 0; ; tries += 1) {
    try {
      await Promise.race([late, customers.run({ do: 'all', port: front.tls, first: 0, count: 1, atOnce: 1 })]);
      over.abort();
      return;
    } catch (error) {
      // It does not listen yet.
      if (!(error instanceof Error && /ECONNREFUSED|before its greeting/.test(error.message)) || tries > FIRST_ANSWER_MS / 100) throw error;
      await sleep(100);
    }
  }
}

/** Until the front does nothing any more. */
async function rest(front: Front): Promise<void> {
  for (const until = performance.now() + REST_MS; performance.now() < until; ) {
    const before = cpuSeconds(front.roots());
    await sleep(1_000);
    if (cpuSeconds(front.roots()) - before < REST_CORES) return;
  }
}

function sum(all: readonly Seen[], seconds: number): Seen {
  const total = (of: (seen: Seen) => number): number => all.reduce((value, seen) => value + of(seen), 0);
  const perSecond = Object.fromEntries(
    EVENTS.map((event) => [event, Array.from({ length: seconds }, (_, second) => total((seen) => seen.perSecond[event][second]!))]),
  ) as Record<Event, number[]>;
  const words: Record<string, number> = {};
  for (const seen of all) for (const [line, times] of Object.entries(seen.words)) words[line] = (words[line] ?? 0) + times;
  return {
    perSecond,
    in: all.flatMap((seen) => seen.in),
    late: all.flatMap((seen) => seen.late),
    waiting: total((seen) => seen.waiting),
    connections: total((seen) => seen.connections),
    notResumed: total((seen) => seen.notResumed),
    handshakes: total((seen) => seen.handshakes),
    words,
  };
}

function percentile(values: number[], share: number): number | undefined {
  values.sort((a, b) => a - b);
  return values[Math.min(values.length - 1, Math.floor(values.length * share))];
}
