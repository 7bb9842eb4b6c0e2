/**
 * An account's settings, for one request.
 *
 * Invariants: reading never fails a request that is about mail: while the store is away the last that was read here is
 * shown, or nothing, and the store is asked by one request every few seconds. Writing needs the store, and is refused
 * when somebody else wrote since this request read, or when it could not read: nothing is written over unseen.
 */
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { isStoreUnavailable, type Store } from '#store/index.ts';
import { readSettings, SETTING_LIMIT, type SettingKey, writeSetting } from './table.ts';

/** JSON by key. Serves as the mail methods' `Settings`. */
export type AccountSettings = {
  read(key: SettingKey): Promise<unknown>;
  /** By one question. @returns each in its place */
  readAll(keys: readonly SettingKey[]): Promise<readonly unknown[]>;
  write(key: SettingKey, value: unknown): Promise<void>;
};
export type SettingsOf = (accountId: number) => AccountSettings;

/** A store that hangs costs a request two seconds: one in each five. */
const AWAY_MS = 5_000;
/** Characters of all that is remembered: two thousand accounts' usual settings, or some with pictures in their signatures. */
const REMEMBERED = 16_000_000;

export function createSettingsOf({ store, clock }: { store: Store; clock: Clock }): SettingsOf {
  /** The longest unread first. */
  const known = new Map<string, string>();
  let size = 0;
  /** Since the store was last asked in vain. */
  let away = false;
  let askAt = 0;

  function forget(at: string): void {
    size -= known.get(at)?.length ?? 0;
    known.delete(at);
  }

  function remember(at: string, value: string | undefined): void {
    forget(at);
    if (value === undefined) return;
    known.set(at, value);
    size += value.length;
    for (const oldest of known.keys()) {
      if (size <= REMEMBERED) break;
      forget(oldest);
    }
  }

  return (accountId) => {
    /** What this request read; none for what it could not read. */
    const revisions = new Map<SettingKey, number>();

    async function fresh(keys: readonly SettingKey[]): Promise<unknown[]> {
      const rows = await readSettings(store, accountId, keys);
      return keys.map((key) => {
        const row = rows.find((each) => each.key === key);
        revisions.set(key, row?.revision ?? 0);
        remember(`${accountId} ${key}`, row?.value);
        return parse(row?.value);
      });
    }

    async function readAll(keys: readonly SettingKey[]): Promise<readonly unknown[]> {
      const last = (): unknown[] => keys.map((key) => parse(known.get(`${accountId} ${key}`)));
      if (away && clock.monotonic() < askAt) return last();
      askAt = clock.monotonic() + AWAY_MS;
      try {
        const values = await fresh(keys);
        away = false;
        return values;
      } catch (error) {
        if (!isStoreUnavailable(error)) throw error;
        away = true;
        return last();
      }
    }

    return {
      readAll,
      read: async (key) => (await readAll([key]))[0],
      async write(key, value) {
        const before = revisions.get(key);
        if (before === undefined) throw new CausewayError('unavailable', 'settings that could not be read are not written', { customerText: 'Settings cannot be changed at the moment. Please try again in a while.' });
        const text = JSON.stringify(value);
        if (Buffer.byteLength(text) > SETTING_LIMIT) throw new CausewayError('limit', `settings have at most ${SETTING_LIMIT} bytes`, { customerText: 'That is too much to keep. Smaller pictures in signatures would help.' });
        const revision = await store.transaction((tx) => writeSetting(tx, accountId, key, text, before));
        if (revision === undefined) throw new CausewayError('conflict', 'the settings were changed meanwhile', { retryable: true, customerText: 'Your settings were changed elsewhere at the same moment. Please try again.' });
        revisions.set(key, revision);
        remember(`${accountId} ${key}`, text);
      },
    };
  };
}

function parse(text: string | undefined): unknown {
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}
