/** One measure of one front. Each gives a number, and throws when a single login failed. */
import type { Front } from '../fronts/front.ts';
import { cpuSeconds, proportionalKiB } from '../fronts/processes.ts';
import type { Done, LoadGenerator, Order } from './orders.ts';

export type Sizes = {
  readonly rounds: number;
  readonly warmUp: number;
  readonly logins: number;
  readonly latencyLogins: number;
  /** Held connections are added in so many steps of so many; the median of the steps counts. */
  readonly idleSteps: number;
  readonly idle: number;
  readonly bulkBytes: number;
};

/** Clients that sign in at the same moment: both cores are busy, and no queue is long. */
const AT_ONCE = 16;
/** After the last client has left, fronts still close and log. */
const AFTERMATH_MS = 500;
/** For memory to come to rest. */
const REST_MS = 3_000;

const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

export async function ask(load: LoadGenerator, order: Order): Promise<Done> {
  const done = await load.run(order);
  if (done.failed.length > 0) throw new Error(`${done.failed.length} of ${JSON.stringify(order)} failed, the first: ${done.failed[0]}`);
  return done;
}

export type LoginCost = { readonly perCpuSecond: number; readonly perSecond: number; /** Of the mail store, apart. */ readonly backEndMs: number };

export async function loginCost(load: LoadGenerator, front: Front, backEnd: number, port: number, tls: boolean, count: number): Promise<LoginCost> {
  const before = cpuSeconds(front.roots());
  const storeBefore = cpuSeconds([backEnd]);
  const { seconds } = await ask(load, { do: 'logins', port, tls, count, atOnce: AT_ONCE });
  await sleep(AFTERMATH_MS);
  const used = cpuSeconds(front.roots()) - before;
  return { perCpuSecond: count / used, perSecond: count / seconds, backEndMs: ((cpuSeconds([backEnd]) - storeBefore) * 1_000) / count };
}

/** One login after another: the median, in ms. */
export async function latency(load: LoadGenerator, front: Front, count: number): Promise<number> {
  const { ms } = await ask(load, { do: 'logins', port: front.tls, tls: true, count, atOnce: 1 });
  return median(ms);
}

export type Bulk = { readonly megabytesPerSecond: number; readonly cpuSecondsPerGigabyte: number };

export async function bulk(load: LoadGenerator, front: Front, bytes: number): Promise<Bulk> {
  const before = cpuSeconds(front.roots());
  const { seconds } = await ask(load, { do: 'bulk', port: front.tls, bytes });
  return { megabytesPerSecond: bytes / 1e6 / seconds, cpuSecondsPerGigabyte: ((cpuSeconds(front.roots()) - before) * 1e9) / bytes };
}

/** KiB that one more signed-in client costs, who says nothing. */
export async function idleKiB(load: LoadGenerator, front: Front, { idle, idleSteps }: Sizes): Promise<number> {
  const steps: number[] = [];
  await sleep(REST_MS);
  let before = proportionalKiB(front.roots());
  for (let step = 0; step < idleSteps; step += 1) {
    await ask(load, { do: 'hold', port: front.tls, count: idle });
    await sleep(REST_MS);
    const now = proportionalKiB(front.roots());
    steps.push((now - before) / idle);
    before = now;
  }
  await ask(load, { do: 'release' });
  await sleep(REST_MS);
  return median(steps);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
