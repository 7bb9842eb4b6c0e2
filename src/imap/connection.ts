/** What an open IMAP connection can do. Each method has its file under `commands`. */
import type { Socket } from 'node:net';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { append, appendMany, type Appended, type AppendedMany, type AppendMessage, type WholeMessage } from './commands/append.ts';
import { type FetchBodiesOptions, type FetchedBody, fetchBodies } from './commands/fetch-bodies.ts';
import { fetchMeta, type MessageMeta } from './commands/fetch-meta.ts';
import { idle } from './commands/idle.ts';
import { list, type ListEntry, type ListOptions, lsub, namespace, type Namespaces } from './commands/list.ts';
import { type Login, login } from './commands/login.ts';
import { logout } from './commands/logout.ts';
import { mailboxCommand, status, type StatusItem } from './commands/mailbox.ts';
import type { Mailbox } from './commands/mailbox-name.ts';
import { run } from './commands/run.ts';
import { select, type Selected } from './commands/select.ts';
import { expunge, store, type StoreMode } from './commands/store.ts';
import type { Engine } from './engine/engine.ts';
import type { Untagged } from './engine/in-flight.ts';
import type { Tagged } from './refusal.ts';

/**
 * Commands are pipelined: call many, await later; they are written in the order of the calls. A promise that nobody
 * awaits may reject without harm.
 *
 * All reject with CausewayError: 'refused' for the server's NO or BAD (see `responseCodeOf`), 'unavailable' for a
 * connection that broke, went silent or was ended by the server, 'protocol' for one that broke the rules, 'aborted' after
 * `destroy`, 'limit' for too much. Anything but 'refused' from a command that changes something leaves open whether it did.
 */
export type ImapConnection = {
  /** In upper case; they change with `login`. */
  readonly capabilities: ReadonlySet<string>;
  login(credentials: Login): Promise<void>;
  run(command: string | readonly (string | Buffer)[], onData?: (response: Untagged) => void): Promise<Tagged>;
  select(mailbox: Mailbox): Promise<Selected>;
  examine(mailbox: Mailbox): Promise<Selected>;
  list(reference: string, pattern: string, options?: ListOptions): Promise<ListEntry[]>;
  lsub(reference: string, pattern: string): Promise<ListEntry[]>;
  namespace(): Promise<Namespaces>;
  create(mailbox: Mailbox): Promise<void>;
  delete(mailbox: Mailbox): Promise<void>;
  subscribe(mailbox: Mailbox): Promise<void>;
  unsubscribe(mailbox: Mailbox): Promise<void>;
  status(mailbox: Mailbox, items: readonly StatusItem[]): Promise<Partial<Record<StatusItem, number>>>;
  fetchMeta(uids: string): Promise<MessageMeta[]>;
  fetchBodies(
    uids: string,
    onBody: (message: FetchedBody) => Promise<void>,
    options?: FetchBodiesOptions,
  ): Promise<void>;
  append(mailbox: Mailbox, message: AppendMessage, body: AsyncIterable<Buffer>): Promise<Appended | undefined>;
  appendMany(mailbox: Mailbox, messages: readonly WholeMessage[]): Promise<AppendedMany | undefined>;
  store(uids: string, mode: StoreMode, flags: readonly string[]): Promise<void>;
  expunge(uids: string): Promise<void>;
  noop(): Promise<void>;
  idle(onData: (response: Untagged) => void, signal: AbortSignal): Promise<void>;
  logout(): Promise<void>;
  /**
   * Hands over the socket, paused, with the bytes that were read from it and not used. Throws CausewayError 'conflict'
   * while a command is in flight. The taker adds its own listeners in the same turn.
   */
  detach(): { socket: Socket; rest: Buffer };
  destroy(): void;
  /** Resolves when the socket is closed, whoever holds it then. */
  readonly closed: Promise<void>;
};

export function createConnection(engine: Engine, clock: Clock): ImapConnection {
  return {
    get capabilities() {
      return engine.capabilities;
    },
    login: (credentials) => quiet(login(engine, credentials)),
    run: (command, onData) => quiet(run(engine, command, onData)),
    select: (mailbox) => quiet(select(engine, 'SELECT', mailbox)),
    examine: (mailbox) => quiet(select(engine, 'EXAMINE', mailbox)),
    list: (reference, pattern, options) => quiet(list(engine, reference, pattern, options)),
    lsub: (reference, pattern) => quiet(lsub(engine, reference, pattern)),
    namespace: () => quiet(namespace(engine)),
    create: (mailbox) => quiet(mailboxCommand(engine, 'CREATE', mailbox)),
    delete: (mailbox) => quiet(mailboxCommand(engine, 'DELETE', mailbox)),
    subscribe: (mailbox) => quiet(mailboxCommand(engine, 'SUBSCRIBE', mailbox)),
    unsubscribe: (mailbox) => quiet(mailboxCommand(engine, 'UNSUBSCRIBE', mailbox)),
    status: (mailbox, items) => quiet(status(engine, mailbox, items)),
    fetchMeta: (uids) => quiet(fetchMeta(engine, uids)),
    fetchBodies: (uids, onBody, options) => quiet(fetchBodies(engine, uids, onBody, options)),
    append: (mailbox, message, body) => quiet(append(engine, mailbox, message, body)),
    appendMany: (mailbox, messages) => quiet(appendMany(engine, mailbox, messages)),
    store: (uids, mode, flags) => quiet(store(engine, uids, mode, flags)),
    expunge: (uids) => quiet(expunge(engine, uids)),
    noop: () => quiet(run(engine, 'NOOP').then(() => {})),
    idle: (onData, signal) => quiet(idle(engine, onData, signal)),
    logout: () => logout(engine, clock),
    detach: () => engine.detach(),
    destroy: () => engine.fail(new CausewayError('aborted', 'the connection was given up', { place: engine.place })),
    closed: engine.closed,
  };
}

/** Of many commands in flight a caller awaits the first; when all fail, the others must not end the process. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
