/** What tests of rooms that need a directory share. */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { storeMigrations } from '#store/index.ts';
import type { Store, Tx } from '#store/index.ts';
import { openTestStore } from '#store/testing.ts';
import type { TestStore } from '#store/testing.ts';
import { createAccount } from './accounts.ts';
import type { NewAccount } from './accounts.ts';
import { directoryMigrations } from './migrations.ts';
import { beginHold, setFollowing, startCopying } from './route/phases.ts';

export function openDirectoryStore(): Promise<TestStore> {
  return openTestStore([...storeMigrations, ...directoryMigrations], { poolSize: 10 });
}

let made = 0;

/** An account at the platform `old` with a name of its own. @returns its id */
export function addAccount(store: Store, account: Partial<NewAccount> = {}): Promise<number> {
  made += 1;
  const address = account.address ?? `user${made}@example.org`;
  return store.transaction((tx) => createAccount(tx, { home: 'old', authority: 'old', ...account, address }, { actor: 'test' }));
}

/** Brings a settled account to `following`. @returns its epoch */
export async function follow(store: Store, accountId: number): Promise<number> {
  return store.transaction(async (tx) => {
    const route = await startCopying(tx, accountId);
    if (route === undefined || !(await setFollowing(tx, accountId, route.epoch))) throw new Error('not settled');
    return route.epoch;
  });
}

/** Begins a hold of a following account, with a minute's time for a machine that does other things. @returns its epoch */
export async function hold(store: Store, accountId: number, epoch: number): Promise<number> {
  return store.transaction(async (tx) => {
    const held = await beginHold(tx, accountId, epoch);
    if (held === undefined) throw new Error('not following');
    await haveTime(tx, accountId);
    return held;
  });
}

/** The round of a hold, and the hold, may last a minute longer. */
export async function haveTime(tx: Tx, accountId: number): Promise<void> {
  await sql`update route set hold_deadline = hold_deadline + interval '1 min', round_deadline = round_deadline + interval '1 min' where account_id = ${accountId}`.execute(tx.db());
}

/** A store that can be taken away from those who use it through this, and given back. */
export function createBreakable(store: Store): Store & { gone: boolean } {
  const check = (): void => {
    if (breakable.gone) throw new CausewayError('unavailable', 'the store is gone (by the test)');
  };
  const breakable: Store & { gone: boolean } = {
    ...store,
    gone: false,
    db<T>() {
      check();
      return store.db<T>();
    },
    async transaction(work) {
      check();
      return store.transaction(work);
    },
  };
  return breakable;
}

/** Waits until `done`, or fails the test with what it waited for. */
export async function until(done: () => boolean | Promise<boolean>, what = done.toString(), ms = 60_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await done())) {
    if (performance.now() > end) throw new Error(`still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
