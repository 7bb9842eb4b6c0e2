import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestStore } from '#store/testing.ts';
import { loginAt } from './account.ts';
import { addLoginName, addRecipient, addressAt, removeLoginName, removeRecipient, renameAccount } from './naming.ts';
import { findAccount, readEntries } from './read-entries.ts';
import type { PlatformFacts } from './secrets/facts.ts';
import { addAccount, openDirectoryStore } from './testing.ts';

let fixture: TestStore;
beforeAll(async () => void (fixture = await openDirectoryStore()));
afterAll(() => fixture.close());

const by = { actor: 'test' };
const facts: PlatformFacts = { names: ['old', 'new'], told: new Map(), opens: new Set(['old', 'new']) };
const options = { by, facts };
const account = async (id: number) => (await readEntries(fixture.store, [id]))[0]!.account;

test('a renamed account has its old names too, and its platforms know it by the old one', async () => {
  const id = await addAccount(fixture.store, { address: 'maiden@example.org' });
  await fixture.store.transaction((tx) => renameAccount(tx, id, 'Married@Example.org', options));
  await fixture.store.transaction((tx) => renameAccount(tx, id, 'again@example.org', options));
  const renamed = await account(id);
  expect(renamed).toMatchObject({ address: 'again@example.org', loginNames: ['again@example.org', 'maiden@example.org', 'married@example.org'] });
  expect(loginAt(renamed, 'old')).toBe('maiden@example.org');
  expect(loginAt(renamed, 'elsewhere')).toBe('again@example.org');
  for (const name of renamed.loginNames) expect((await findAccount(fixture.store, name))?.account.id).toBe(id);
});

test('mail for a name that a platform may not know is handed over under the one that it knows', async () => {
  const id = await addAccount(fixture.store, { address: 'before@example.org', recipients: ['before@example.org', 'alias@example.org'] });
  await fixture.store.transaction((tx) => renameAccount(tx, id, 'after@example.org', options));
  await fixture.store.transaction((tx) => addRecipient(tx, id, '@catch.example.org', options));
  const renamed = await account(id);
  const at = (address: string): string => addressAt(renamed, address, 'old');
  expect(at('After@example.org')).toBe('before@example.org');
  expect(at('after+Lists@example.org')).toBe('before+Lists@example.org');
  expect(at('anything@catch.example.org')).toBe('before@example.org');
  // What the platform knows reaches it as it came.
  expect(at('before+ext@example.org')).toBe('before+ext@example.org');
  expect(at('Alias@example.org')).toBe('Alias@example.org');
});

test('names of others are conflicts that say which, and nothing was done', async () => {
  const [id] = [await addAccount(fixture.store, { address: 'one@example.org' }), await addAccount(fixture.store, { address: 'two@example.org' })];
  const conflict = { code: 'conflict', place: 'two@example.org' };
  await expect(fixture.store.transaction((tx) => renameAccount(tx, id!, 'two@example.org', options))).rejects.toMatchObject(conflict);
  await expect(fixture.store.transaction((tx) => addLoginName(tx, id!, 'Two@example.org', options))).rejects.toMatchObject(conflict);
  await expect(fixture.store.transaction((tx) => addRecipient(tx, id!, 'two@example.org', options))).rejects.toMatchObject(conflict);
  await expect(fixture.store.transaction((tx) => addLoginName(tx, id!, 'a b', options))).rejects.toMatchObject({ code: 'input' });
  await expect(fixture.store.transaction((tx) => renameAccount(tx, id!, 'nobody', options))).rejects.toMatchObject({ code: 'input' });
  expect(await account(id!)).toMatchObject({ address: 'one@example.org', loginNames: ['one@example.org'], recipients: ['one@example.org'] });
});

test('names come and go; the last login name stays', async () => {
  const id = await addAccount(fixture.store, { address: 'solo@example.org' });
  const run = (work: typeof addLoginName): Promise<boolean> => fixture.store.transaction((tx) => work(tx, id, 'nick', options));
  expect(await run(addLoginName)).toBe(true);
  expect(await run(addLoginName)).toBe(false);
  expect(await run(removeLoginName)).toBe(true);
  expect(await run(removeLoginName)).toBe(false);
  await expect(fixture.store.transaction((tx) => removeLoginName(tx, id, 'solo@example.org', options))).rejects.toMatchObject({ code: 'conflict' });
  expect(await fixture.store.transaction((tx) => removeRecipient(tx, id, 'solo@example.org', options))).toBe(true);
});
