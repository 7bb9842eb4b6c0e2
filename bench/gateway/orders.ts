/** What the load generator can be told to do, and what it answers. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Account } from '../fronts/front.ts';

export type Order =
  /** Whole logins: connect, sign in, LOGOUT, the end. `atOnce`: how many are under way at any moment. */
  | { readonly do: 'logins'; readonly port: number; readonly tls: boolean; readonly count: number; readonly atOnce: number }
  /** Whole logins over TLS that begin by the clock, however slow the front is. */
  | { readonly do: 'rate'; readonly port: number; readonly perSecond: number; readonly seconds: number }
  /** Signs in and stays, until `release`. */
  | { readonly do: 'hold'; readonly port: number; readonly count: number }
  | { readonly do: 'release' }
  /** One session fetches one message of so many bytes. */
  | { readonly do: 'bulk'; readonly port: number; readonly bytes: number };

/** `ms`: of each login, from the first packet to the answer to its password. `seconds`: of a bulk, without its login. */
export type Done = { readonly failed: readonly string[]; readonly ms: readonly number[]; readonly seconds: number };

export type LoadGenerator = { run(order: Order): Promise<Done>; readonly process: ChildProcess; stop(): void };

export function startLoadGenerator(accounts: readonly Account[]): LoadGenerator {
  const child = fork(join(import.meta.dirname, 'load.ts'), [JSON.stringify(accounts)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return {
    process: child,
    run: (order) =>
      new Promise((resolve, reject) => {
        const ended = (): void => reject(new Error('the load generator ended'));
        child.once('exit', ended);
        child.once('message', (done) => {
          child.off('exit', ended);
          resolve(done as Done);
        });
        child.send(order);
      }),
    stop: () => void child.kill(),
  };
}
