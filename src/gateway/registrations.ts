/** The sessions that the gateway's workers have, as `serve` knows them: by account, by worker, by token. */
import type { Protocol } from '#signin/verdict.ts';
import type { FromWorker, ToWorker } from './messages.ts';

export type Channel = {
  /** Must not throw when the worker is gone. */
  send(message: ToWorker): void;
  onMessage(callback: (message: FromWorker) => void): void;
  /** Called once the process has ended (its `exit`), not when its channel closed: only then are its sockets closed. */
  onExit(callback: () => void): void;
};

export type Registration = {
  readonly worker: Worker;
  readonly id: number;
  readonly accountId: number;
  readonly protocol: Protocol;
  readonly token: number;
  /** Its verdict has been sent, or it has been removed. */
  readonly decided: Promise<void>;
  readonly decide: () => void;
  sent: boolean;
  /** Known with the verdict. */
  inHolds: boolean;
};

export type Worker = {
  readonly channel: Channel;
  readonly attempts: Map<number, AbortController>;
  readonly registrations: Map<number, Registration>;
  readonly asks: Map<number, (answer: FromWorker | undefined) => void>;
  /** Accounts that it said are quiet, and that were not thawed since. */
  readonly quiet: Set<number>;
  gone: boolean;
};

export type Registrations = {
  add(worker: Worker, id: number, accountId: number, protocol: Protocol): Registration;
  remove(registration: Registration | undefined): void;
  byToken(token: number): Registration | undefined;
  of(accountId: number): Iterable<Registration>;
  /** Those that have a part in holds. */
  held(accountId: number): Registration[];
  size(): number;
};

export function createRegistrations(): Registrations {
  const byToken = new Map<number, Registration>();
  const byAccount = new Map<number, Set<Registration>>();
  let lastToken = 0;
  return {
    add(worker, id, accountId, protocol) {
      const { promise, resolve } = Promise.withResolvers<void>();
      lastToken += 1;
      const registration: Registration = { worker, id, accountId, protocol, token: lastToken, decided: promise, decide: resolve, sent: false, inHolds: true };
      worker.registrations.set(id, registration);
      byToken.set(registration.token, registration);
      const ofAccount = byAccount.get(accountId) ?? new Set();
      byAccount.set(accountId, ofAccount.add(registration));
      return registration;
    },
    remove(registration) {
      if (registration === undefined) return;
      const { worker, id, accountId, token, decide } = registration;
      worker.registrations.delete(id);
      byToken.delete(token);
      const ofAccount = byAccount.get(accountId);
      ofAccount?.delete(registration);
      if (ofAccount?.size === 0) byAccount.delete(accountId);
      decide();
    },
    byToken: (token) => byToken.get(token),
    of: (accountId) => byAccount.get(accountId) ?? [],
    held: (accountId) => [...(byAccount.get(accountId) ?? [])].filter((registration) => registration.inHolds),
    size: () => byToken.size,
  };
}
