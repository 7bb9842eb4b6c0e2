import { afterAll, beforeAll, expect, test } from 'vitest';
import { directoryMigrations, unlockAccount } from '#directory/index.ts';
import { addAccount } from '#directory/testing.ts';
import { createManualClock } from '#events/manual-clock.testing.ts';
import { storeMigrations } from '#store/index.ts';
import { openTestStore, type TestStore } from '#store/testing.ts';
import type { Explanation } from './explain.ts';
import { lockMigrations } from './migrations.ts';
import { createLockWriter, createToldLocks, readLocks } from './told.ts';

let fixture: TestStore;
beforeAll(async () => {
  fixture = await openTestStore([...storeMigrations, ...directoryMigrations, ...lockMigrations]);
});
afterAll(() => fixture.close());

const some: Explanation = { knownNetworks: 1, distinct: 3, ceiling: 100, closed: undefined, networks: [{ network: '192.0.2.66', known: false, wrong: 3, since: 1, lastAt: 2, stale: { times: 0, since: 0 }, lockedUntil: undefined, sprayingUntil: undefined }] };
const none: Explanation = { ...some, distinct: 0, networks: [] };

test('what is touched is written within seconds, and goes when there is nothing to say any more', async () => {
  const clock = createManualClock(0);
  const id = await addAccount(fixture.store);
  let now = some;
  const written: number[] = [];
  const write = createLockWriter(fixture.store, 'one');
  let done = Promise.withResolvers<void>();
  const told = createToldLocks({
    explain: () => now,
    clock,
    write: async (rows) => {
      written.push(rows.size);
      await write(rows);
      done.resolve();
    },
  });
  const flushed = async (): Promise<void> => {
    done = Promise.withResolvers();
    await clock.pass(5_000);
    await done.promise;
  };
  told.touchIfTold({ id, credentialVersion: 1 });
  await clock.pass(5_000);
  expect(written).toEqual([]);
  told.touch({ id, credentialVersion: 1 });
  told.touch({ id, credentialVersion: 1 });
  told.touch({ id: 1e9, credentialVersion: 1 });
  await flushed();
  expect(await readLocks(fixture.store, id)).toEqual(JSON.parse(JSON.stringify(some)));
  now = none;
  told.touchIfTold({ id, credentialVersion: 1 });
  await told.close();
  expect(await readLocks(fixture.store, id)).toBeUndefined();
  expect(written).toEqual([2, 1]);
});

test('an unlock is so at once: what an instance wrote down before it heard of it, or writes after, is not read', async () => {
  const { store } = fixture;
  const id = await addAccount(store);
  const write = createLockWriter(store, 'late');
  await write(new Map([[id, { ...some, version: 1 }]]));
  expect(await readLocks(store, id)).toBeDefined();
  await store.transaction((tx) => unlockAccount(tx, id, { actor: 'staff:ada', why: 'case 7' }));
  expect(await readLocks(store, id)).toBeUndefined();
  await write(new Map([[id, { ...some, version: 1 }]]));
  expect(await readLocks(store, id)).toBeUndefined();
  await createLockWriter(store, 'quick')(new Map([[id, { ...some, distinct: 1, version: 2 }]]));
  await write(new Map([[id, { ...some, version: 1 }]]));
  expect(await readLocks(store, id), 'who has heard of it is believed').toMatchObject({ distinct: 1 });
});

test('the store is gone: what was touched is written when it is back', async () => {
  const clock = createManualClock(0);
  let gone = true;
  const written: number[][] = [];
  const told = createToldLocks({
    explain: () => some,
    clock,
    write: async (rows) => {
      if (gone) throw new Error('gone');
      written.push([...rows.keys()]);
    },
  });
  told.touch({ id: 1, credentialVersion: 1 });
  await clock.pass(5_000);
  gone = false;
  await told.close();
  expect(written).toEqual([[1]]);
});
