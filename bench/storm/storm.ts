/** One storm: a front of its own making, fresh, at one load. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startCauseway } from '../fronts/causeway.ts';
import { startDovecot } from '../fronts/dovecot.ts';
import type { Front, Setting } from '../fronts/front.ts';
import { startNginx } from '../fronts/nginx.ts';
import { cpuSeconds, idleSeconds } from '../fronts/processes.ts';
import { customer } from './customers.ts';
import type { Customers } from './orders.ts';
import { type FrontName, type Result, summary, WINDOW_S } from './result.ts';
import { CAPACITY, CHECK_MS, PLACES, startVerifier } from './start-verifier.ts';

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
    return {
      front: name, load, offered, seconds, loginsPerCpuSecond,
      ...summary(await all, seconds),
      checks: (b.checks - a.checks) / took,
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
