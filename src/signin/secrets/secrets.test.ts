import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from 'kysely';
import { createAppPassword, createResetLink, type PlatformFacts, readEntries } from '#directory/index.ts';
import { createSeal } from '#directory/outbox/seal.ts';
import { addAccount, openDirectoryStore } from '#directory/testing.ts';
import type { TestStore } from '#store/testing.ts';
import { fakeHash } from '../fake-hasher.testing.ts';
import type { Judge } from '../sign-in.ts';
import { createOwnChange } from './own-change.ts';
import { createSecrets } from './secrets.ts';

let fixture: TestStore;
beforeAll(async () => void (fixture = await openDirectoryStore()));
afterAll(() => fixture.close());

const by = { actor: 'technician:ada' };
const seal = createSeal(Buffer.alloc(32, 7));
const facts: PlatformFacts = { names: ['old', 'shut', 'mute'], told: new Map([['old', 'hash'], ['shut', 'clear']]), opens: new Set(['old']) };
const secrets = (over: Partial<Parameters<typeof createSecrets>[0]> = {}) => createSecrets({ store: fixture.store, makeHash: async (secret) => fakeHash(secret), seal, facts, ...over });
const account = async (id: number) => (await readEntries(fixture.store, [id]))[0]!.account;
const everything = async (): Promise<string> => {
  const rows: string[] = [];
  for (const table of ['audit', 'outbox', 'account', 'secret_hash', 'former_hash', 'reset_link', 'app_password']) {
    const { rows: found } = await sql<{ whole: string }>`select row_to_json(t)::text as whole from ${sql.table(table)} t`.execute(fixture.store.db());
    rows.push(...found.map(({ whole }) => whole));
  }
  return rows.join('\n');
};
const SECRET = 'a quite new secret';

describe('a secret is set', () => {
  test('at once where the authority is or becomes ours; nowhere in the store is it in clear', async () => {
    const id = await addAccount(fixture.store);
    expect(await secrets().set(id, SECRET, { by, act: 'account.secret-reset' })).toMatchObject({ outcome: 'changed', version: 2, told: ['old', 'shut'] });
    expect(await account(id)).toMatchObject({ authority: 'ours', hash: { encoded: fakeHash(SECRET), origin: 'ours' } });
    // The fake hash is no hash, so what it is made of is taken out.
    expect((await everything()).replaceAll(fakeHash(SECRET), '')).not.toContain(SECRET);
    const { rows } = await sql<{ sealed: Buffer }>`select sealed from outbox where account_id = ${id} and platform = 'shut'`.execute(fixture.store.db());
    expect(seal.open(id, rows[0]!.sealed)).toBe(SECRET);
    expect(() => seal.open(id + 1, rows[0]!.sealed)).toThrow();
    expect(() => createSeal(Buffer.alloc(32, 8)).open(id, rows[0]!.sealed)).toThrow();
  });

  test('where only the platform can, it is asked; where it cannot be asked, that is said, and nothing changes', async () => {
    const id = await addAccount(fixture.store, { home: 'shut', authority: 'shut' });
    expect(await secrets().set(id, SECRET, { by, act: 'account.secret-changed' })).toEqual({ outcome: 'asked', accountId: id, platform: 'shut' });
    expect(await account(id)).toMatchObject({ authority: 'shut', credentialVersion: 1 });
    await expect(secrets({ seal: undefined }).set(id, SECRET, { by, act: 'account.secret-changed' })).rejects.toMatchObject({ code: 'conflict' });
    const mute = await addAccount(fixture.store, { home: 'mute', authority: 'mute' });
    await expect(secrets().set(mute, SECRET, { by, act: 'account.secret-changed' })).rejects.toMatchObject({ code: 'unavailable', customerText: expect.stringContaining('goes on working') });
  });

  test('not when it is none, and nothing is hashed for it', async () => {
    const id = await addAccount(fixture.store, { address: 'short@example.org' });
    let hashed = 0;
    const counting = secrets({ makeHash: async (secret) => fakeHash(`${secret}${(hashed += 1)}`) });
    await expect(counting.set(id, 'short', { by, act: 'account.secret-reset' })).rejects.toMatchObject({ code: 'input', customerText: expect.stringMatching(/at least 8/) });
    await expect(counting.redeem('x'.repeat(43), SECRET)).rejects.toMatchObject({ code: 'not-found' });
    expect(hashed).toBe(0);
  });

  test('by a reset link, which a refused secret does not use up', async () => {
    const id = await addAccount(fixture.store);
    const { token } = await fixture.store.transaction((tx) => createResetLink(tx, id, { by, facts }));
    await expect(secrets().redeem(token, 'short')).rejects.toMatchObject({ code: 'input' });
    expect(await secrets().redeem(token, SECRET)).toMatchObject({ accountId: id, version: 2 });
    await expect(secrets().redeem(token, `${SECRET}2`)).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('a customer changes his own', () => {
  const accepting = (id: number): Judge => async () => ({ verdict: 'accepted', accountId: id, address: 'x', home: 'old' });
  const change = (judge: Judge, login: string, old: string, version = 1) =>
    createOwnChange({ store: fixture.store, secrets: secrets(), judge, accounts: { byLogin: () => ({ id: 1, address: login, state: 'active', authority: 'old', credentialVersion: version, loginNames: [] }) } })({
      login,
      old,
      secret: SECRET,
      network: '192.0.2.1',
    });

  test('with the old one', async () => {
    const id = await addAccount(fixture.store, { address: 'own@example.org' });
    expect(await change(accepting(id), 'own@example.org', 'old one')).toMatchObject({ outcome: 'changed', version: 2 });
    const refusing: Judge = async () => ({ verdict: 'locked', reason: 'pair' });
    expect(await change(refusing, 'own@example.org', 'old one', 2)).toEqual({ outcome: 'refused', verdict: { verdict: 'locked', reason: 'pair' } });
    await expect(change(accepting(id), 'own@example.org', SECRET, 2)).rejects.toMatchObject({ code: 'input' });
  });

  test('not with one that this instance has not heard to be an old one, nor when something changed it meanwhile', async () => {
    const id = await addAccount(fixture.store, { address: 'late@example.org' });
    await secrets().set(id, 'by a technician', { by, act: 'account.secret-reset' });
    await expect(change(accepting(id), 'late@example.org', 'old one', 1)).rejects.toMatchObject({ code: 'conflict', retryable: true });
    const meanwhile: Judge = async (...given) => {
      await secrets().set(id, 'by a technician again', { by, act: 'account.secret-reset' });
      return accepting(id)(...given);
    };
    await expect(change(meanwhile, 'late@example.org', 'old one', 2)).rejects.toMatchObject({ code: 'conflict', retryable: true });
    expect((await account(id)).hash?.encoded).toBe(fakeHash('by a technician again'));
  });

  test('not with an app password', async () => {
    const id = await addAccount(fixture.store, { address: 'app@example.org' });
    const { secret } = await fixture.store.transaction((tx) => createAppPassword(tx, id, { label: 'phone', scope: ['imap'], by, facts }));
    await expect(change(accepting(id), 'app@example.org', secret)).rejects.toMatchObject({ code: 'refused' });
    expect((await account(id)).credentialVersion).toBe(1);
  });
});
