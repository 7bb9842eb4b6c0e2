/** What the customers' processes can be told to do, and what they answer. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';

export type Order =
  /** Whole logins of customers `first` to `first + count - 1`, `atOnce` at any moment, each until it is in. */
  | { readonly do: 'all'; readonly port: number; readonly first: number; readonly count: number; readonly atOnce: number }
  /** New customers at a constant rate from `began` on (ms since the epoch), numbered from `first` on, or in turn out of `among`. */
  | { readonly do: 'storm'; readonly port: number; readonly began: number; readonly seconds: number; readonly perSecond: number; readonly first: number; readonly step: number; readonly among: number | undefined };

export type Event =
  | 'came'
  | 'in'
  /** The secret was called wrong, or nothing was said by which a client could tell that it was not. */
  | 'rejected'
  /** Refused after the secret without blame, or dropped. */
  | 'refusedAfterSecret'
  /** Refused or dropped before the secret was sent. */
  | 'refusedBefore'
  | 'timedOut';

export const EVENTS: readonly Event[] = ['came', 'in', 'rejected', 'refusedAfterSecret', 'refusedBefore', 'timedOut'];

/** Of a storm. */
export type Seen = {
  /** How often in each second since it began. */
  readonly perSecond: Readonly<Record<Event, number[]>>;
  /** Of each that got in: when (s since the storm began), ms from the beginning of that attempt to the OK, and ms of it after the secret. */
  readonly in: readonly (readonly [at: number, ms: number, afterSecret: number])[];
  /** Of each customer that came: by how many ms later than it should have. */
  readonly late: readonly (readonly [at: number, ms: number])[];
  readonly waiting: number;
  readonly connections: number;
  /** Of all TLS connections, those that the front did not let resume. */
  readonly notResumed: number;
  readonly handshakes: number;
  /** What the front said, as far as the first words of it are the same. */
  readonly words: Readonly<Record<string, number>>;
};

export type Customers = { run(order: Order): Promise<Seen>; readonly process: ChildProcess; stop(): void };

export function startCustomers(): Customers {
  const child = fork(join(import.meta.dirname, 'customers-process.ts'), [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return {
    process: child,
    run: (order) =>
      new Promise((resolve, reject) => {
        const ended = (): void => reject(new Error("the customers' process ended"));
        child.once('exit', ended);
        child.once('message', (answer) => {
          child.off('exit', ended);
          if ('failed' in (answer as object)) reject(new Error((answer as { failed: string }).failed));
          else resolve(answer as Seen);
        });
        child.send(order);
      }),
    stop: () => void child.kill(),
  };
}
