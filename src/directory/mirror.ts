/**
 * The directory in the serve process's memory: loaded whole at start, then kept by the change feed, and copied to a
 * local file, so that what was working goes on without the store, over a restart too.
 *
 * Invariants: the instance is on the store's list before it reads the routes that it will serve. All changes are
 * applied one after the other, so an older reading never replaces a newer one. A file is started from only where this
 * instance may still be on the list: a listed instance's file is never behind a flip. Whoever is not listed any more
 * is expelled: it must serve nobody, and only a new start, with a new reading of everything, brings it back.
 */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { CausewayError, messageOf } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { createFeed } from '#store/index.ts';
import type { Feed, Store } from '#store/index.ts';
import type { Account } from './account.ts';
import { ACCOUNT_TOPIC, ALL_ACCOUNTS } from './accounts.ts';
import { createBatchedRead } from './batched-read.ts';
import { mirrorCaughtUp, mirrorLoaded, notListed } from './events.ts';
import type { LocalFile } from './local-file.ts';
import { createMirrorFile, readMirrorFile } from './mirror-file.ts';
import type { SavedMirror } from './mirror-file.ts';
import { createMirrorTable } from './mirror-table.ts';
import { canonical, recipientCandidates } from './names.ts';
import { PAGE, readAccountIds, readByLogin, readByRecipient, readEntries } from './read-entries.ts';
import type { Entry } from './read-entries.ts';
import { INSTANCE_TOPIC, joinInstance, leaveInstance, listedBoot } from './route/instances.ts';
import { ROUTE_TOPIC } from './route/phases.ts';
import type { Route } from './route/route.ts';

export type Mirror = {
  readonly instance: string;
  /** The life of the instance that is on the store's list. */
  boot(): string;
  byId(id: number): Account | undefined;
  /** Upper and lower case are one. */
  byLogin(name: string): Account | undefined;
  /** As `byLogin`; `user+ext@domain` falls back to `user@domain`, then to the catch-all `@domain`. */
  byRecipient(address: string): Account | undefined;
  byAddress(address: string): Account | undefined;
  route(id: number): Route | undefined;
  held(): Route[];
  size(): number;
  /** Reads the store: the account as it is now, credential version and hash included. @throws CausewayError('unavailable') */
  confirm(id: number): Promise<Account | undefined>;
  /** Reads the store: whose login name it is now; undefined when nobody's. @throws CausewayError('unavailable') */
  confirmLogin(name: string): Promise<Account | undefined>;
  /** Reads the store, as `byRecipient` looks it up. @throws CausewayError('unavailable') */
  confirmRecipient(address: string): Promise<Account | undefined>;
  /** Whether the store was read within the last seconds, so that what it says has been heard. */
  fresh(): boolean;
  /** Resolves when all that is in memory is in the local file, on the disk. @throws CausewayError('unavailable') */
  sync(): Promise<void>;
  /** Told, in the turn in which memory changed, each route that changed, and held ones each time they are read. */
  onRoute(hear: (route: Route) => void): () => void;
  /** True once this instance is not listed any more. */
  expelled(): boolean;
  /** The process should end its sessions and start anew. */
  onExpelled(hear: () => void): () => void;
  /**
   * Leaves the list of instances, for a clean stop: after the last session and delivery ended.
   * @throws CausewayError('unavailable') when it stays listed
   */
  leave(): Promise<void>;
  close(): Promise<void>;
};

/** Two polls of the feed and a slow one. */
const FRESH_MS = 5_000;
/** Earlier lives remembered: each start without the store adds one, and one too few costs only a new start. */
const LIVES = 20;
/** The store must begin to answer within this at start; longer than its own time-out for a statement. */
const START_MS = 6_000;

export async function openMirror({
  store,
  instance,
  file: localFile,
  clock,
  emit,
}: {
  store: Store;
  instance: string;
  /** A file in the data folder that this process alone writes: see local-file.ts. */
  file: LocalFile;
  clock: Clock;
  emit: Emit;
}): Promise<Mirror> {
  const began = clock.monotonic();
  const table = createMirrorTable();
  const routeHearers = new Set<(route: Route) => void>();
  const expelledHearers = new Set<() => void>();
  const closing = new AbortController();
  let { saved, damage } = await readSaved(localFile);
  let boot: string = randomUUID();
  // Whichever of our own lives the store has on its list: a start may have been cut short before or after it joined.
  const mine = new Set([...(saved?.boots ?? []), boot]);
  const file = createMirrorFile(localFile, { instance, boots: [...mine].slice(-LIVES) }, table, { clock, emit });
  let expelled = false;
  let leaving = false;
  let turn: Promise<unknown> = Promise.resolve();

  /** Runs `work` when all earlier changes are applied. */
  const inTurn = <R>(work: () => Promise<R>): Promise<R> => {
    const result = turn.then(work);
    turn = result.catch(() => {});
    return result;
  };

  const expel = (reason: string): void => {
    if (expelled || leaving) return;
    expelled = true;
    emit(notListed, { instance, reason });
    for (const hear of expelledHearers) hear();
  };

  const apply = (entry: Entry): void => {
    const before = table.get(entry.account.id);
    const same = isDeepStrictEqual(before, entry);
    if (!same) {
      table.put(entry);
      file.mark(entry.account.id);
    }
    if (same && entry.route.phase !== 'held') return;
    for (const hear of routeHearers) hear(entry.route);
  };

  const read = async (ids: readonly number[]): Promise<void> => {
    for (let start = 0; start < ids.length; start += PAGE) {
      const page = ids.slice(start, start + PAGE);
      const entries = await readEntries(store, page);
      for (const entry of entries) apply(entry);
      if (entries.length === page.length) continue;
      const found = new Set(entries.map(({ account }) => account.id));
      for (const id of page) {
        if (found.has(id) || table.get(id) === undefined) continue;
        table.remove(id);
        file.mark(id);
      }
    }
  };

  const checkListed = async (): Promise<void> => {
    const listed = await listedBoot(store, instance);
    if (listed !== undefined && mine.has(listed)) boot = listed;
    else expel(listed === undefined ? 'taken off the list' : 'another process joined under this name');
  };

  const readAll = async (): Promise<void> => {
    await checkListed();
    await read([...new Set([...table.ids(), ...(await readAccountIds(store))])]);
  };

  const onChanges = (changes: readonly { topic: string; key: number }[]): Promise<void> =>
    inTurn(async () => {
      const ids = new Set(changes.filter(({ topic }) => topic !== INSTANCE_TOPIC).map(({ key }) => key));
      if (changes.some(({ topic }) => topic === INSTANCE_TOPIC)) await checkListed();
      if (ids.delete(ALL_ACCOUNTS)) {
        for (const id of await readAccountIds(store)) if (table.get(id) === undefined) ids.add(id);
      }
      await read([...ids]);
      // Reported by the file itself, and tried again there.
      void file.sync().catch(() => {});
    });

  let feed: Feed | undefined;
  let source: 'store' | 'file' = 'store';

  /**
   * Begins to follow the store. @returns a promise of the first reading of everything, which rejects when it fails;
   * the feed goes on trying
   */
  const follow = async (): Promise<void> => {
    const first = Promise.withResolvers<void>();
    first.promise.catch(() => {});
    const begun = new AbortController();
    const waiting = AbortSignal.any([begun.signal, closing.signal]);
    const onReset = async (): Promise<void> => {
      begun.abort();
      try {
        await inTurn(readAll);
      } catch (error) {
        first.reject(error);
        throw error;
      }
      first.resolve();
      if (source === 'file') emit(mirrorCaughtUp, { accounts: table.size() });
      source = 'store';
      void file.sync().catch(() => {});
    };
    feed = createFeed(store, { topics: [ACCOUNT_TOPIC, ROUTE_TOPIC, INSTANCE_TOPIC], onReset, onChanges });
    // The feed keeps its failures to itself: a question of our own tells a store that is gone from a slow one.
    listedBoot(store, instance).catch(first.reject);
    clock.sleep(START_MS, waiting).then(
      () => first.reject(new CausewayError('unavailable', 'the changes in the store cannot be read')),
      () => {},
    );
    return first.promise;
  };

  const join = (): Promise<void> =>
    store.transaction(async (tx) => {
      const before = await joinInstance(tx, instance, boot);
      if (before !== undefined && mine.has(before)) return;
      // Taken off the list since the file was written: flips did not wait for it. Before the commit, so that a start
      // which breaks off here does not find a listed instance and an old file.
      if (saved !== undefined) await file.invalidate();
      saved = undefined;
    });

  const start = async (): Promise<void> => {
    try {
      await join();
      await follow();
    } catch (error) {
      // Only a store that is gone leads to the file; a file that cannot be written ends the start too.
      if (!(error instanceof CausewayError) || error.code !== 'unavailable' || error.place === localFile.path) throw error;
      for (const entry of usable(saved, instance, localFile.path, damage ?? error)) {
        // What was read before the store went is newer.
        if (table.get(entry.account.id) === undefined) table.put(entry);
      }
      source = 'file';
      void file.sync().catch(() => {});
      if (feed === undefined) void follow().catch(() => {});
      return;
    }
    await file.sync();
  };

  const end = async (): Promise<void> => {
    closing.abort(new Error('closed'));
    await feed?.stop();
    await file.close();
  };

  try {
    await start();
    emit(mirrorLoaded, { source, accounts: table.size(), ms: Math.round(clock.monotonic() - began) });
  } catch (error) {
    await end();
    throw error;
  }

  /** An account that the store knows and we do not yet is taken in, so that its route can be asked for at once. */
  const known = async (entry: Entry | undefined): Promise<Account | undefined> => {
    if (entry !== undefined && table.get(entry.account.id) === undefined) await inTurn(() => read([entry.account.id]));
    return entry?.account;
  };
  const confirmId = createBatchedRead(async (ids: number[]) => {
    const entries = new Map((await readEntries(store, ids)).map((entry) => [entry.account.id, entry]));
    return (id) => entries.get(id);
  });
  const confirmLogin = createBatchedRead(async (names: string[]) => {
    const entries = await readByLogin(store, names);
    return (name) => entries.get(name);
  });
  const confirmRecipient = createBatchedRead(async (addresses: string[]) => {
    const entries = await readByRecipient(store, addresses);
    return (address) => recipientCandidates(address).map((name) => entries.get(name)).find((entry) => entry !== undefined);
  });

  return {
    instance,
    boot: () => boot,
    byId: (id) => table.get(id)?.account,
    byLogin: (name) => table.byLogin(name)?.account,
    byRecipient: (address) => table.byRecipient(address)?.account,
    byAddress: (address) => table.byAddress(address)?.account,
    route: (id) => table.get(id)?.route,
    held: () => [...table.all()].map(({ route }) => route).filter(({ phase }) => phase === 'held'),
    size: table.size,
    confirm: async (id) => known(await confirmId(id)),
    confirmLogin: async (name) => known(await confirmLogin(canonical(name))),
    confirmRecipient: async (address) => known(await confirmRecipient(canonical(address))),
    fresh() {
      const at = feed?.freshAt();
      return at !== undefined && clock.monotonic() - at < FRESH_MS;
    },
    sync: file.sync,
    onRoute: (hear) => added(routeHearers, hear),
    expelled: () => expelled,
    onExpelled: (hear) => added(expelledHearers, hear),
    async leave() {
      leaving = true;
      await file.leave();
      await store.transaction((tx) => leaveInstance(tx, instance, boot));
    },
    close: end,
  };
}

/** The file's content, or why there is none to be used. */
async function readSaved(file: LocalFile): Promise<{ saved?: SavedMirror; damage?: unknown }> {
  try {
    return { saved: await readMirrorFile(file) };
  } catch (error) {
    // With the store reachable the file is written anew; without it the start fails with this.
    return { damage: error };
  }
}

/** The entries of a file that an instance may serve from without the store. */
function usable(saved: SavedMirror | undefined, instance: string, place: string, cause: unknown): readonly Entry[] {
  const refuse = (why: string): CausewayError =>
    new CausewayError('unavailable', `the store cannot be reached, and ${why}: ${messageOf(cause)}`, {
      place,
      remedy: 'start the store first',
      cause,
    });
  if (saved === undefined) throw refuse('there is no copy of the directory to start from');
  if (saved.instance !== instance) throw refuse(`the copy of the directory is of the instance ${saved.instance}`);
  if (saved.left) throw refuse('this instance had left the list, so its copy of the routes may be out of date');
  return saved.entries;
}

function added<T>(set: Set<T>, value: T): () => void {
  set.add(value);
  return () => void set.delete(value);
}
