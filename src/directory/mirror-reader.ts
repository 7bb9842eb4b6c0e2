/**
 * Brings what the store says into the mirror's table. Invariant: readings are made and applied one after the other, so
 * an older one never replaces a newer one; who listens is told in the turn in which the table changed.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Change, Store } from '#store/index.ts';
import type { Account } from './account.ts';
import { ALL_ACCOUNTS } from './topic.ts';
import type { MirrorFile } from './mirror-file.ts';
import type { MirrorTable } from './mirror-table.ts';
import { PAGE, readAccountIds, readEntries } from './read-entries.ts';
import type { Entry } from './read-entries.ts';
import { INSTANCE_TOPIC } from './route/instances.ts';
import type { Route } from './route/route.ts';

export type MirrorReader = {
  /** Reads everything. */
  readAll(): Promise<void>;
  /** Reads what changed. */
  readChanges(changes: readonly Change[]): Promise<void>;
  /** Reads one account. */
  readOne(id: number): Promise<void>;
};

export function createMirrorReader({
  store,
  table,
  file,
  checkListed,
  hearRoute,
  hearAccount,
}: {
  store: Store;
  table: MirrorTable;
  file: MirrorFile;
  /** Called before everything is read, and when the list of instances changed. */
  checkListed: () => Promise<void>;
  /** Told each route that changed, and held ones each time they are read. */
  hearRoute: (route: Route) => void;
  /** Told each account that was here before and changed. */
  hearAccount: (before: Account, now: Account | undefined) => void;
}): MirrorReader {
  let turn: Promise<unknown> = Promise.resolve();

  const inTurn = <R>(work: () => Promise<R>): Promise<R> => {
    const result = turn.then(work);
    turn = result.catch(() => {});
    return result;
  };

  const apply = (entry: Entry): void => {
    const before = table.get(entry.account.id);
    const same = isDeepStrictEqual(before, entry);
    if (!same) {
      table.put(entry);
      file.mark(entry.account.id);
    }
    if (!same || entry.route.phase === 'held') hearRoute(entry.route);
    if (!same && before !== undefined) hearAccount(before.account, entry.account);
  };

  const read = async (ids: readonly number[]): Promise<void> => {
    for (let start = 0; start < ids.length; start += PAGE) {
      const page = ids.slice(start, start + PAGE);
      const entries = await readEntries(store, page);
      for (const entry of entries) apply(entry);
      if (entries.length === page.length) continue;
      const found = new Set(entries.map(({ account }) => account.id));
      for (const id of page) {
        const before = table.get(id);
        if (found.has(id) || before === undefined) continue;
        table.remove(id);
        hearAccount(before.account, undefined);
        file.mark(id);
      }
    }
    // Its failures are said by the file itself, and tried again there.
    if (ids.length > 0) void file.sync().catch(() => {});
  };

  return {
    readAll: () =>
      inTurn(async () => {
        await checkListed();
        await read([...new Set([...table.ids(), ...(await readAccountIds(store))])]);
      }),
    readChanges: (changes) =>
      inTurn(async () => {
        if (changes.some(({ topic }) => topic === INSTANCE_TOPIC)) await checkListed();
        const ids = new Set(changes.filter(({ topic }) => topic !== INSTANCE_TOPIC).map(({ key }) => key));
        if (ids.delete(ALL_ACCOUNTS)) {
          for (const id of await readAccountIds(store)) if (table.get(id) === undefined) ids.add(id);
        }
        await read([...ids]);
      }),
    readOne: (id) => inTurn(() => read([id])),
  };
}
