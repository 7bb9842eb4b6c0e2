import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { systemClock as clock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import type { Store } from '#store/index.ts';
import type { TestStore } from '#store/testing.ts';
import type { Mirror } from '../mirror.ts';
import { readRoute } from '../route/acknowledgements.ts';
import { askCut, backOut, flip } from '../route/phases.ts';
import type { Route } from '../route/route.ts';
import { addAccount, follow, hold, openDirectoryStore } from '../testing.ts';
import { readKeptFile } from './kept-file.ts';
import { createUidlKeeper } from './keeper.ts';
import { saveUidls } from './table.ts';

let tested: TestStore;
let store: Store;
const root = mkdtempSync(join(tmpdir(), 'uidls-'));
beforeAll(async () => {
  tested = await openDirectoryStore();
  store = tested.store;
});
afterAll(async () => {
  await tested.close();
  rmSync(root, { recursive: true });
});

/** What comes in milliseconds, on a machine that stands still for a moment. */
const PATIENCE = { timeout: 60_000 };

/** A store that is away. */
const away = new Proxy({} as Store, { get: () => () => { throw new Error('the store is away'); } });

function setUp(folder: string, from = store, routes = new Map<number, Route>()) {
  const hearers = new Set<(route: Route) => void>();
  const mirror: Pick<Mirror, 'route' | 'onRoute'> = {
    route: (id) => routes.get(id),
    onRoute: (hear) => (hearers.add(hear), () => void hearers.delete(hear)),
  };
  const keeper = createUidlKeeper({ store: from, mirror, folder: join(root, folder), clock, emit: silent });
  return {
    keeper,
    folder: join(root, folder),
    async hear(accountId: number, quietly = false) {
      const route = (await readRoute(store, accountId))!;
      routes.set(accountId, route);
      if (!quietly) for (const each of hearers) each(route);
    },
  };
}

async function move(accountId: number, to: string, kept: string): Promise<number> {
  const epoch = await hold(store, accountId, await follow(store, accountId));
  await store.transaction(async (tx) => {
    await askCut(tx, accountId, epoch);
    await saveUidls(tx, accountId, to, { epoch, marked: false, kept });
    await flip(tx, accountId, epoch, to);
  });
  return epoch;
}

test('an account that was never held asks nobody; after its move the ids are there without the store, over a restart too', async () => {
  const id = await addAccount(store);
  const { keeper, hear, folder } = setUp('one');
  await hear(id);
  expect(await keeper.find(id, 'old')).toBeUndefined();
  expect(await move(id, 'new', 'a b\n')).toBe(1);
  await hear(id);
  await vi.waitFor(async () => expect(await readKeptFile(folder, id)).toBeDefined(), PATIENCE);
  await keeper.close();

  const later = setUp('one', away);
  await later.hear(id, true);
  expect(await later.keeper.find(id, 'new')).toEqual({ epoch: 1, marked: false, kept: 'a b\n' });
  await expect(later.keeper.find(id, 'old')).rejects.toThrow(expect.objectContaining({ code: 'unavailable' }));
  // A hold that was backed out changes nothing.
  const epoch = await hold(store, id, await follow(store, id));
  await store.transaction((tx) => backOut(tx, id, epoch));
  await later.hear(id, true);
  expect(await later.keeper.find(id, 'new')).toMatchObject({ kept: 'a b\n' });
  await later.keeper.close();
});

test('without the store what is not known is an error: no file, a damaged one, one of another home or of an earlier life there', async () => {
  const id = await addAccount(store);
  await move(id, 'new', 'a b\n');
  const with_ = setUp('two');
  await with_.hear(id, true);
  expect(await with_.keeper.find(id, 'new')).toMatchObject({ kept: 'a b\n' });
  await with_.keeper.close();

  const none = setUp('three', away);
  await none.hear(id, true);
  await expect(none.keeper.find(id, 'new')).rejects.toThrow();
  await none.keeper.close();

  await move(id, 'old', 'c d\n');
  await move(id, 'new', 'a e\n');
  const stale = setUp('two', away);
  await stale.hear(id, true);
  await expect(stale.keeper.find(id, 'new')).rejects.toThrow();
  await stale.keeper.close();
  const fresh = setUp('two');
  await fresh.hear(id, true);
  expect(await fresh.keeper.find(id, 'new')).toMatchObject({ kept: 'a e\n', epoch: 3 });

  const path = join(fresh.folder, String(id % 256), String(id));
  writeFileSync(path, 'torn');
  expect(await fresh.keeper.find(id, 'new')).toMatchObject({ kept: 'a e\n' });
  await fresh.keeper.close();
});

test('a new instance takes the ids of all moved accounts at its start', async () => {
  const id = await addAccount(store);
  await move(id, 'new', 'x y\n');
  const { keeper, folder } = setUp('four', store, new Map([[id, (await readRoute(store, id))!]]));
  await vi.waitFor(async () => expect((await readKeptFile(folder, id))?.row).toMatchObject({ kept: 'x y\n' }), PATIENCE);
  await keeper.close();
});
