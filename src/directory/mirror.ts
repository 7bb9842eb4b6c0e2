/**
 * The directory in the serve process's memory: loaded whole at start, then kept by the change feed, and copied to a
 * local file, so that what was working goes on without the store, over a restart too.
 *
 * Invariants: the instance is on the store's list before it reads the routes that it will serve. All changes are
 * applied one after the other, so an older reading never replaces a newer one. A file is started from only where this
 * instance may still be on the list: a listed instance's file is never behind a flip. Whoever is not listed any more
 * is expelled: it must serve nobody, and only a new start, with a new reading of everything, brings it back.
 */
import { CausewayError, messageOf } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { createFeed } from '#store/index.ts';
import type { Change, Feed, Store } from '#store/index.ts';
import type { Account } from './account.ts';
import { ACCOUNT_TOPIC } from './topic.ts';
import { createConfirm } from './confirm.ts';
import type { Confirm } from './confirm.ts';
import { mirrorCaughtUp, mirrorLoaded } from './events.ts';
import { createHeard } from './heard.ts';
import type { LocalFile } from './local-file.ts';
import { createMirrorFile, readMirrorFile } from './mirror-file.ts';
import type { SavedMirror } from './mirror-file.ts';
import { createMirrorReader } from './mirror-reader.ts';
import { createMirrorTable } from './mirror-table.ts';
import type { Entry } from './read-entries.ts';
import { INSTANCE_TOPIC, listedBoot } from './route/instances.ts';
import { createListing } from './route/listing.ts';
import { ROUTE_TOPIC } from './route/phases.ts';
import type { Route } from './route/route.ts';

export type Mirror = Confirm & {
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
  /** Whether the store was read within the last seconds, so that what it says has been heard. */
  fresh(): boolean;
  /** Ms since all that the store said was heard; over a restart without the store too, to the hour. */
  heardAgo(): number;
  /** Resolves when all that is in memory is in the local file, on the disk. @throws CausewayError('unavailable') */
  sync(): Promise<void>;
  /** Told, in the turn in which memory changed, each route that changed, and held ones each time they are read. */
  onRoute(hear: (route: Route) => void): () => void;
  /** Told, in the turn in which memory changed, each account that was there before; `now`: undefined when it is gone. */
  onAccount(hear: (before: Account, now: Account | undefined) => void): () => void;
  /** True once this instance leaves the list or is not on it any more: it must serve nobody. */
  expelled(): boolean;
  /** Told when it was taken off the list: the process should end its sessions and start anew. */
  onExpelled(hear: () => void): () => void;
  /**
   * Leaves the list of instances, for a clean stop: after the last session and the last delivery ended, since from
   * then on no hold waits for this instance.
   * @throws CausewayError('unavailable') when it stays listed
   */
  leave(): Promise<void>;
  close(): Promise<void>;
};

/** Two polls of the feed and a slow one. */
const FRESH_MS = 5_000;
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
  const accountHearers = new Set<(before: Account, now: Account | undefined) => void>();
  const closing = new AbortController();
  let { saved, damage } = await readSaved(localFile);
  const listing = createListing({ store, instance, earlier: saved?.boots ?? [], emit });
  const file = createMirrorFile(localFile, { instance, boots: listing.lives() }, table, { clock, emit });
  const hearRoute = (route: Route): void => {
    for (const hear of routeHearers) hear(route);
  };
  const hearAccount = (before: Account, now: Account | undefined): void => {
    for (const hear of accountHearers) hear(before, now);
  };
  const reader = createMirrorReader({ store, table, file, checkListed: listing.check, hearRoute, hearAccount });
  const heard = createHeard({ store, instance, path: localFile.path, clock });

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
        await reader.readAll();
      } catch (error) {
        first.reject(error);
        throw error;
      }
      first.resolve();
      if (source === 'file') emit(mirrorCaughtUp, { accounts: table.size() });
      source = 'store';
    };
    const onChanges = async (changes: readonly Change[]): Promise<void> => {
      await reader.readChanges(changes);
      heard.changed();
    };
    const topics = [ACCOUNT_TOPIC, ROUTE_TOPIC, INSTANCE_TOPIC];
    feed = createFeed(store, { topics, onReset, onChanges, onRead: heard.read, onFresh: heard.fresh });
    // The feed keeps its failures to itself: a question of our own tells a store that is gone from a slow one.
    listedBoot(store, instance).catch(first.reject);
    clock.sleep(START_MS, waiting).then(
      () => first.reject(new CausewayError('unavailable', 'the changes in the store cannot be read')),
      () => {},
    );
    return first.promise;
  };

  const start = async (): Promise<void> => {
    try {
      // Taken off the list since the file was written: flips did not wait for it.
      await listing.join(async () => {
        if (saved !== undefined) await file.invalidate();
        saved = undefined;
      });
      await follow();
    } catch (error) {
      // Only a store that is gone leads to the file; a file that cannot be written ends the start too.
      if (!(error instanceof CausewayError) || error.code !== 'unavailable' || error.place === localFile.path) throw error;
      for (const entry of usable(saved, instance, localFile.path, damage ?? error)) {
        // What was read before the store went is newer.
        if (table.get(entry.account.id) === undefined) table.put(entry);
      }
      source = 'file';
      void file.sync().then(heard.keep, () => {});
      if (feed === undefined) void follow().catch(() => {});
      return;
    }
    await file.sync();
  };

  const end = async (): Promise<void> => {
    closing.abort(new Error('closed'));
    await feed?.stop();
    await heard.close();
    await file.close();
  };

  try {
    await start();
    emit(mirrorLoaded, { source, accounts: table.size(), ms: Math.round(clock.monotonic() - began) });
  } catch (error) {
    await end();
    throw error;
  }

  // An account of which the feed has not told yet is taken in, so that its route can be asked for at once.
  const confirm = createConfirm(store, async ({ account: { id } }) => {
    if (table.get(id) === undefined) await reader.readOne(id);
  });

  return {
    instance,
    boot: listing.boot,
    byId: (id) => table.get(id)?.account,
    byLogin: (name) => table.byLogin(name)?.account,
    byRecipient: (address) => table.byRecipient(address)?.account,
    byAddress: (address) => table.byAddress(address)?.account,
    route: (id) => table.get(id)?.route,
    held: () => [...table.all()].map(({ route }) => route).filter(({ phase }) => phase === 'held'),
    size: table.size,
    ...confirm,
    fresh() {
      const at = feed?.freshAt();
      return at !== undefined && clock.monotonic() - at < FRESH_MS;
    },
    heardAgo: heard.ago,
    sync: file.sync,
    onRoute: (hear) => added(routeHearers, hear),
    onAccount: (hear) => added(accountHearers, hear),
    expelled: listing.isOff,
    onExpelled: listing.onExpelled,
    // A store that is gone is not left: then the next start, without it too, finds a listed instance and a file that no
    // flip has passed by.
    leave: () => listing.leave(file.leave),
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
