/**
 * The process in which all simulated customers and the sending world live, apart from everything that is rehearsed.
 *
 * It reads its orders as one JSON argument, writes its journal, prints its counters as a JSON line twice a second, and
 * on a line `stop` at its input lets everybody finish what they do, drains the sender, and exits 0.
 */
import { createInterface } from 'node:readline';
import { liveAsCustomer } from './customer.ts';
import { openJournal, type SignInVerdict } from './journal.ts';
import type { Provider } from './provider.ts';
import { readFileSync } from 'node:fs';
import { createRandom } from './random.ts';
import { sendMail } from './sender.ts';

export type CustomersOrders = {
  readonly provider: string;
  readonly doubles: string;
  readonly journal: string;
  readonly imapsPort: number;
  readonly lmtpPort: number;
  readonly seed: number;
  /** Visits a second of all customers together. */
  readonly visitsPerSecond: number;
  readonly messagesPerSecond: number;
};

/** What the process prints: counters since its start. */
export type CustomersReport = {
  readonly signIns: Readonly<Record<SignInVerdict, number>>;
  readonly delivered: number;
  readonly deliveriesUnknown: number;
};

/** Counters are for a person's eye. */
const REPORT_MS = 500;

async function main(orders: CustomersOrders): Promise<void> {
  const provider = JSON.parse(readFileSync(orders.provider, 'utf8')) as Provider;
  const doubles = JSON.parse(readFileSync(orders.doubles, 'utf8')) as Record<string, string[]>;
  const journal = openJournal(orders.journal);
  const random = createRandom(orders.seed);
  const stopping = new AbortController();
  const signIns: Record<SignInVerdict, number> = { accepted: 0, rejected: 0, unavailable: 0, lost: 0 };
  let delivered = 0;
  let deliveriesUnknown = 0;

  const wakes = new Set<() => void>();
  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        wakes.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      wakes.add(wake);
    });
  const stop = (): void => {
    stopping.abort();
    for (const wake of wakes) wake();
  };
  const input = createInterface({ input: process.stdin });
  input.on('line', (line) => line.trim() === 'stop' && stop());
  // The parent is gone: nobody would read the journal's end.
  input.on('close', () => stopping.signal.aborted || process.exit(1));

  const report = (): void => {
    const counters: CustomersReport = { signIns, delivered, deliveriesUnknown };
    process.stdout.write(`${JSON.stringify(counters)}\n`);
  };
  const timer = setInterval(report, REPORT_MS);
  const pauseMs = (provider.customers.length / orders.visitsPerSecond) * 1_000;
  await Promise.all([
    ...provider.customers.map((customer) =>
      liveAsCustomer(customer, {
        port: orders.imapsPort,
        journal,
        random: random.fork(customer.address),
        doubles: new Set(doubles[customer.address] ?? []),
        pauseMs,
        stopping: stopping.signal,
        sleep,
        onVerdict: (verdict) => {
          signIns[verdict] += 1;
        },
      }),
    ),
    sendMail({
      port: orders.lmtpPort,
      journal,
      random: random.fork('world'),
      recipients: provider.customers.map((customer) => customer.address),
      rate: orders.messagesPerSecond,
      stopping: stopping.signal,
      sleep,
      onOutcome: (outcome) => {
        if (outcome === 'done') delivered += 1;
        if (outcome === 'unknown') deliveriesUnknown += 1;
      },
    }),
  ]);
  clearInterval(timer);
  await journal.close();
  report();
  input.removeAllListeners('close');
  input.close();
}

await main(JSON.parse(process.argv[2]!) as CustomersOrders);
