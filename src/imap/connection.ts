/** What an open IMAP connection can do. Each method has its file under `commands`. */
import type { Socket } from 'node:net';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { append, appendMany, type Appended, type AppendedMany, type AppendMessage, type WholeMessage } from './commands/append.ts';
import { type FetchBodiesOptions, type FetchedBody, fetchBodies } from './commands/fetch-bodies.ts';
import { type FetchedItems, fetchItems, type FetchItemsOptions } from './commands/fetch-items.ts';
import { fetchFlags } from './commands/fetch-flags.ts';
import { fetchMeta, fetchNews, type MessageMeta, type MessageNews } from './commands/fetch-meta.ts';
import { idle } from './commands/idle.ts';
import { list, type ListEntry, type ListOptions, lsub, namespace, type Namespaces } from './commands/list.ts';
import { listStatus, type Surveyed } from './commands/list-status.ts';
import { type Login, login } from './commands/login.ts';
import { logout } from './commands/logout.ts';
import { mailboxCommand, rename, status, type StatusItem } from './commands/mailbox.ts';
import type { Mailbox } from './commands/mailbox-name.ts';
import { type Quota, quotas } from './commands/quota.ts';
import { run } from './commands/run.ts';
import { type SearchKey, type SortKey, uidSearch, uidSort } from './commands/search.ts';
import { select, type Selected } from './commands/select.ts';
import { expunge, store, type StoreMode } from './commands/store.ts';
import { copy, move, type Transferred } from './commands/transfer.ts';
import type { Engine } from './engine/engine.ts';
import type { Untagged } from './engine/in-flight.ts';
import type { Tagged } from './refusal.ts';

export type Open = Selected & { readonly mailbox: Mailbox };

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
  /** What is streamed is read into memory that is used again, so that it leaves no garbage. */
  readonly reusesMemory: boolean;
  /** The mailbox that is open, as far as `select` and `examine` were used to open it; a large one costs 100 ms to open. */
  readonly selected: Open | undefined;
  login(credentials: Login): Promise<void>;
  run(command: string | readonly (string | Buffer)[], onData?: (response: Untagged) => void): Promise<Tagged>;
  select(mailbox: Mailbox): Promise<Selected>;
  examine(mailbox: Mailbox): Promise<Selected>;
  list(reference: string, pattern: string, options?: ListOptions): Promise<ListEntry[]>;
  lsub(reference: string, pattern: string): Promise<ListEntry[]>;
  namespace(): Promise<Namespaces>;
  create(mailbox: Mailbox): Promise<void>;
  delete(mailbox: Mailbox): Promise<void>;
  rename(from: Mailbox, to: Mailbox): Promise<void>;
  subscribe(mailbox: Mailbox): Promise<void>;
  unsubscribe(mailbox: Mailbox): Promise<void>;
  status(mailbox: Mailbox, items: readonly StatusItem[]): Promise<Partial<Record<StatusItem, number>>>;
  listStatus(): Promise<Surveyed[]>;
  quotas(mailbox: Mailbox): Promise<Quota[]>;
  uidSearch(key: SearchKey): Promise<number[]>;
  uidSort(order: readonly SortKey[], key: SearchKey): Promise<number[]>;
  copy(uids: string, to: Mailbox): Promise<Transferred | undefined>;
  move(uids: string, to: Mailbox): Promise<Transferred | undefined>;
  fetchItems(uids: string, items: readonly string[], onMessage: (message: FetchedItems) => void, options?: FetchItemsOptions): Promise<void>;
  fetchMeta(uids: string): Promise<MessageMeta[]>;
  fetchFlags(uids: string, changedSince?: bigint): Promise<Map<number, readonly string[]>>;
  fetchNews(uids: string, onNews: (news: MessageNews) => void, changedSince?: bigint): Promise<void>;
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
  let selected: Open | undefined;
  let opened = 0; // of several that are on their way the last one counts

  async function open(verb: 'SELECT' | 'EXAMINE', mailbox: Mailbox): Promise<Selected> {
    opened += 1;
    const turn = opened;
    selected = undefined;
    const found = await select(engine, verb, mailbox);
    if (turn === opened) selected = { ...found, mailbox };
    return found;
  }

  return {
    get capabilities() {
      return engine.capabilities;
    },
    reusesMemory: engine.reusesMemory,
    get selected() {
      return selected;
    },
    login: (credentials) => quiet(login(engine, credentials)),
    run(command, onData) {
      if (/^(?:SELECT|EXAMINE|UNSELECT|CLOSE)\b/i.test(String(typeof command === 'string' ? command : command[0]))) {
        opened += 1;
        selected = undefined;
      }
      return quiet(run(engine, command, onData));
    },
    select: (mailbox) => quiet(open('SELECT', mailbox)),
    examine: (mailbox) => quiet(open('EXAMINE', mailbox)),
    list: (reference, pattern, options) => quiet(list(engine, reference, pattern, options)),
    lsub: (reference, pattern) => quiet(lsub(engine, reference, pattern)),
    namespace: () => quiet(namespace(engine)),
    create: (mailbox) => quiet(mailboxCommand(engine, 'CREATE', mailbox)),
    delete: (mailbox) => quiet(mailboxCommand(engine, 'DELETE', mailbox)),
    rename: (from, to) => quiet(rename(engine, from, to)),
    subscribe: (mailbox) => quiet(mailboxCommand(engine, 'SUBSCRIBE', mailbox)),
    unsubscribe: (mailbox) => quiet(mailboxCommand(engine, 'UNSUBSCRIBE', mailbox)),
    status: (mailbox, items) => quiet(status(engine, mailbox, items)),
    listStatus: () => quiet(listStatus(engine)),
    quotas: (mailbox) => quiet(quotas(engine, mailbox)),
    uidSearch: (key) => quiet(uidSearch(engine, key)),
    uidSort: (order, key) => quiet(uidSort(engine, order, key)),
    copy: (uids, to) => quiet(copy(engine, uids, to)),
    move: (uids, to) => quiet(move(engine, uids, to)),
    fetchItems: (uids, items, onMessage, options) => quiet(fetchItems(engine, uids, items, onMessage, options)),
    fetchMeta: (uids) => quiet(fetchMeta(engine, uids)),
    fetchFlags: (uids, changedSince) => quiet(fetchFlags(engine, uids, changedSince)),
    fetchNews: (uids, onNews, changedSince) => quiet(fetchNews(engine, uids, onNews, changedSince)),
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
