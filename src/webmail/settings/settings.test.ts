import { afterAll, beforeAll, expect, test } from 'vitest';
import { addAccount } from '#directory/testing.ts';
import { directoryMigrations } from '#directory/index.ts';
import { silent } from '#events/index.ts';
import { createManualClock } from '#events/manual-clock.testing.ts';
import { createApp, tellInJson } from '#http/app.ts';
import { type Store, storeMigrations } from '#store/index.ts';
import { unavailable } from '#store/failure.ts';
import { openTestStore, type TestStore } from '#store/testing.ts';
import { createSettingsOf } from './account-settings.ts';
import { DEFAULT_PREFERENCES, preferencesOf } from './api.ts';
import { addSettingsApi } from './settings-api.ts';
import { SETTING_LIMIT, settingMigrations } from './table.ts';

let fixture: TestStore;
beforeAll(async () => {
  fixture = await openTestStore([...storeMigrations, ...directoryMigrations, ...settingMigrations]);
});
afterAll(() => fixture.close());

/** The store, which can be taken away. @returns how often it was asked, too */
function fragile(): { store: Store; away: boolean; asked: number } {
  const state = {
    away: false,
    asked: 0,
    store: {
      ...fixture.store,
      db<T>() {
        state.asked += 1;
        if (state.away) throw unavailable(new Error('away'));
        return fixture.store.db<T>();
      },
    },
  };
  return state;
}

test('what is set is kept, apart from other accounts and keys', async () => {
  const [jane, john] = [await addAccount(fixture.store), await addAccount(fixture.store)];
  const settingsOf = createSettingsOf({ store: fixture.store, clock: createManualClock(0) });
  const hers = settingsOf(jane);
  expect(await hers.read('identities')).toBeUndefined();
  await hers.write('identities', [{ name: 'J\0\ud800' }]);
  await hers.write('identities', [{ name: 'Jane' }]);
  await hers.read('mailboxOrder');
  await hers.write('mailboxOrder', { M1: 3 });
  expect([await settingsOf(jane).read('identities'), await settingsOf(jane).read('mailboxOrder'), await settingsOf(john).read('identities')]).toEqual([[{ name: 'Jane' }], { M1: 3 }, undefined]);
  await expect(hers.write('identities', 'x'.repeat(SETTING_LIMIT))).rejects.toMatchObject({ code: 'limit' });
});

test('nothing is written over that was not read, or that changed since', async () => {
  const jane = await addAccount(fixture.store);
  const settingsOf = createSettingsOf({ store: fixture.store, clock: createManualClock(0) });
  await expect(settingsOf(jane).write('mailboxOrder', {})).rejects.toMatchObject({ code: 'unavailable' });
  const [one, two] = [settingsOf(jane), settingsOf(jane)];
  await Promise.all([one.read('mailboxOrder'), two.read('mailboxOrder')]);
  await one.write('mailboxOrder', { by: 'one' });
  await expect(two.write('mailboxOrder', { by: 'two' })).rejects.toMatchObject({ code: 'conflict', retryable: true });
  await two.read('mailboxOrder');
  await two.write('mailboxOrder', { by: 'two' });
  await expect(one.write('mailboxOrder', { by: 'one' })).rejects.toMatchObject({ code: 'conflict' });
  expect(await one.read('mailboxOrder')).toEqual({ by: 'two' });
});

test('while the store is away the last that was read is shown, the store is left alone for a while, and nothing is written', async () => {
  const jane = await addAccount(fixture.store);
  const state = fragile();
  const clock = createManualClock(0);
  const settingsOf = createSettingsOf({ store: state.store, clock });
  const before = settingsOf(jane);
  await before.read('identities');
  await before.write('identities', ['kept']);
  state.away = true;
  state.asked = 0;
  const during = settingsOf(jane);
  for (let i = 0; i < 5; i += 1) expect(await during.read('identities')).toEqual(['kept']);
  expect(await during.read('mailboxOrder')).toBeUndefined();
  expect(state.asked).toBe(1);
  await clock.pass(6_000);
  await Promise.all([during.read('identities'), during.read('identities')]);
  expect(state.asked).toBe(2);
  state.away = false;
  await expect(during.write('identities', [])).rejects.toMatchObject({ code: 'unavailable' });
  await clock.pass(6_000);
  expect(await during.read('identities')).toEqual(['kept']);
  await during.write('identities', ['new']);
  expect(await settingsOf(jane).read('identities')).toEqual(['new']);
});

test('by HTTP: defaults at first, what is named is replaced, and what is not understood is refused without being repeated', async () => {
  const jane = await addAccount(fixture.store);
  const app = createApp(silent, tellInJson);
  const who = async () => ({ id: 'p', accountId: jane, version: 1, madeAt: 1 });
  addSettingsApi(app, { who, settingsOf: createSettingsOf({ store: fixture.store, clock: createManualClock(0) }) });
  const ask = async (method: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }> => {
    const answer = await app.request('/api/settings', { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }, { incoming: { socket: {} } });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  expect(await ask('GET')).toEqual({ status: 200, body: DEFAULT_PREFERENCES });
  expect((await ask('PUT', { theme: 'dark', remoteContentFrom: ['News@Shop.example ', 'news@shop.example'] })).body).toMatchObject({ theme: 'dark', remoteContentFrom: ['news@shop.example'] });
  expect((await ask('PUT', { language: 'es' })).status).toBe(200);
  expect((await ask('GET')).body).toEqual({ ...DEFAULT_PREFERENCES, theme: 'dark', language: 'es', remoteContentFrom: ['news@shop.example'] });
  const both = await Promise.all([ask('PUT', { density: 'compact' }), ask('PUT', { preview: false }), ask('PUT', { undoSendSeconds: 0 })]);
  expect(both.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect((await ask('GET')).body).toMatchObject({ density: 'compact', preview: false, undoSendSeconds: 0 });
  for (const wrong of [{ theme: 'hush' }, { language: 'hush hush' }, { undoSendSeconds: 31 }, { remoteContentFrom: ['hush'] }, { hush: 1 }, 'hush']) {
    const { status, body } = await ask('PUT', wrong);
    expect([status, JSON.stringify(body).includes('hush hush')]).toEqual([400, false]);
  }
});

test('several are read by one question, each in its place, and may then be written', async () => {
  const jane = await addAccount(fixture.store);
  const state = fragile();
  const settingsOf = createSettingsOf({ store: state.store, clock: createManualClock(0) });
  const first = settingsOf(jane);
  await first.read('mailboxOrder');
  await first.write('mailboxOrder', { M1: 3 });
  const hers = settingsOf(jane);
  state.asked = 0;
  expect(await hers.readAll(['mailboxRoles', 'mailboxOrder'])).toEqual([undefined, { M1: 3 }]);
  expect(state.asked).toBe(1);
  await hers.write('mailboxRoles', { M1: 'archive' });
  await hers.write('mailboxOrder', { M1: 4 });
  state.away = true;
  expect(await settingsOf(jane).readAll(['mailboxOrder', 'mailboxRoles'])).toEqual([{ M1: 4 }, { M1: 'archive' }]);
});

test('a field of a later version costs that field alone', () => {
  expect(preferencesOf({ theme: 'sepia', density: 'compact', more: true })).toEqual({ ...DEFAULT_PREFERENCES, density: 'compact' });
  expect([preferencesOf(null), preferencesOf('x')]).toEqual([DEFAULT_PREFERENCES, DEFAULT_PREFERENCES]);
});
