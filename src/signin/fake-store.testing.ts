/** A store for this room's tests, and the instance's copy of it: what is in the one is in the other when it is published. */
import type { SignInSeen } from '#directory/secrets/sign-in-seen.ts';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Account, Accounts, SecretKeeper } from './accounts.ts';

export type StoreMode = 'well' | 'gone' | 'hangs';

export type FakeStore = {
  readonly accounts: Accounts;
  readonly secrets: SecretKeeper;
  /** The store's own rows; `publish` brings them to the instance's copy. */
  readonly store: { mode: StoreMode; stale: boolean; readonly rows: Map<string, Account>; put(account: Account): void; publish(): void };
  /** The instance's copy of an account. */
  mirrored(id: number): Account | undefined;
  readonly stored: { accountId: number; encoded: string; origin: string; version: number }[];
  /** App passwords whose use was written down. */
  readonly used: number[];
  /** Accounts whose hash a platform's acceptance proved. */
  readonly proven: number[];
  /** What was written down of sign-ins. */
  readonly seen: SignInSeen[];
  readonly dropped: { accountId: number; version: number; hashMatched: boolean }[];
};

export function createFakeStore(clock: Clock): FakeStore {
  const rows = new Map<string, Account>();
  const ids = new Map<number, string>();
  let mirror = new Map<string, Account>();
  const store: FakeStore['store'] = {
    mode: 'well',
    stale: false,
    rows,
    put(account) {
      rows.set(account.address, account);
      ids.set(account.id, account.address);
    },
    publish: () => {
      mirror = new Map(rows);
    },
  };
  const read = async <T>(look: () => T): Promise<T> => {
    if (store.mode === 'hangs') return new Promise(() => {});
    if (store.mode === 'gone') throw new CausewayError('unavailable', 'the store is gone');
    const found = look();
    await clock.sleep(2);
    return found;
  };
  const byId = (id: number): Account | undefined => rows.get(ids.get(id) ?? '');
  const accounts: Accounts = {
    byLogin: (name) => mirror.get(name),
    fresh: () => store.mode === 'well',
    stale: () => store.stale,
    confirm: (id) => read(() => byId(id)),
    confirmLogin: (name) => read(() => rows.get(name)),
  };
  const stored: FakeStore['stored'] = [];
  const used: number[] = [];
  const proven: number[] = [];
  const seen: SignInSeen[] = [];
  const dropped: FakeStore['dropped'] = [];
  const secrets: SecretKeeper = {
    storeHash: (accountId, encoded, origin, version) =>
      read(() => {
        const row = byId(accountId);
        if (row?.credentialVersion !== version) return;
        stored.push({ accountId, encoded, origin, version });
        store.put({ ...row, hash: { encoded, origin } });
      }),
    dropHeld: (accountId, version, hashMatched) =>
      read(() => {
        const row = byId(accountId);
        if (row?.credentialVersion !== version) return;
        dropped.push({ accountId, version, hashMatched });
        store.put({ ...row, credentialVersion: version + 1, hash: hashMatched ? undefined : row.hash });
      }),
    noteUse: (noted) => read(() => void used.push(...noted.keys())),
    noteSignIns: async (noted) => void seen.push(...noted),
    forgetSignIns: async () => {},
    tellLocks: async () => {},
    noteProven: (noted) => read(() => void proven.push(...noted.keys())),
  };

  return { accounts, secrets, store, mirrored: (id) => [...mirror.values()].find((row) => row.id === id), stored, used, proven, seen, dropped };
}
