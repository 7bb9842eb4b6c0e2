import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from 'kysely';
import type { TestStore } from '#store/testing.ts';
import { createAccount, createAccounts, dropHeld, setHash } from '../accounts.ts';
import { confirmationsOf, noteProgress } from '../progress.ts';
import { readEntries } from '../read-entries.ts';
import { joinInstance } from '../route/instances.ts';
import { changeState } from '../states.ts';
import { addAccount, openDirectoryStore } from '../testing.ts';
import { createAppPassword, findAppPassword, listAppPasswords, looksLikeAppPassword, noteAppPasswordUse, revokeAppPassword, wasAppPassword } from './app-password.ts';
import { handBack, handOver } from './authority.ts';
import { changeSecret, lockStanding } from './change.ts';
import type { NewSecret } from './change.ts';
import type { PlatformFacts } from './facts.ts';
import { askForChange } from './unconfirmed.ts';
import { noteHashProven } from './hash.ts';
import { createResetLink, readResetLink, redeemResetLink } from './reset-link.ts';

let fixture: TestStore;
beforeAll(async () => void (fixture = await openDirectoryStore()));
afterAll(() => fixture.close());

const by = { actor: 'technician:ada', why: 'case 17' };
const facts: PlatformFacts = { names: ['old', 'new', 'shut'], told: new Map([['old', 'hash'], ['new', 'none']]), opens: new Set(['old', 'new']) };
const secret = (text: string): NewSecret => ({ encoded: `{ARGON2ID}$${text}`, origin: 'ours' });
const change = (id: number, text: string, version?: number) =>
  fixture.store.transaction((tx) => changeSecret(tx, id, secret(text), { by, facts, act: 'account.secret-changed', version }));
const account = async (id: number) => (await readEntries(fixture.store, [id]))[0]!.account;
const audits = async (id: number): Promise<string[]> => {
  const { rows } = await sql<{ act: string }>`select act from audit where subject = ${`account:${id}`} order by id`.execute(fixture.store.db());
  return rows.map(({ act }) => act);
};

describe('a change', () => {
  test('takes effect, takes the authority over, keeps the two before, tells the platforms, and is audited', async () => {
    const id = await addAccount(fixture.store, { hash: { encoded: '{X}zero', origin: 'captured' } });
    const first = await change(id, 'one');
    expect(first).toMatchObject({ version: 2, takenFrom: 'old', told: ['old'] });
    await change(id, 'two');
    await change(id, 'three', 3);
    expect(await account(id)).toMatchObject({ authority: 'ours', credentialVersion: 4, hash: { encoded: '{ARGON2ID}$three', origin: 'ours' }, former: ['{ARGON2ID}$two', '{ARGON2ID}$one'] });
    const { rows } = await sql<{ hash: string }>`select detail->>'hash' as hash from outbox where account_id = ${id} order by id`.execute(fixture.store.db());
    expect(rows.map(({ hash }) => hash)).toEqual(['{ARGON2ID}$one', '{ARGON2ID}$two', '{ARGON2ID}$three']);
    expect(await audits(id)).toEqual(['account.created', 'account.secret-changed', 'account.secret-changed', 'account.secret-changed']);
  });

  test('is not made where only the platform could make it, nor twice from one version, nor on a closed account', async () => {
    const shut = await addAccount(fixture.store, { home: 'shut', authority: 'shut' });
    await expect(change(shut, 'one')).rejects.toMatchObject({ code: 'unavailable', retryable: false });
    expect(await account(shut)).toMatchObject({ authority: 'shut', credentialVersion: 1 });
    const id = await addAccount(fixture.store);
    const both = await Promise.allSettled([change(id, 'a', 1), change(id, 'b', 1)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await fixture.store.transaction((tx) => changeState(tx, id, 'closed', { by, facts }));
    await expect(change(id, 'c')).rejects.toMatchObject({ code: 'conflict' });
  });

  test('a platform that takes secrets in clear only gets none that is not sealed', async () => {
    const id = await addAccount(fixture.store);
    const clear: PlatformFacts = { ...facts, told: new Map([['old', 'clear']]) };
    const made = (sealed?: Buffer) => fixture.store.transaction((tx) => changeSecret(tx, id, { ...secret('x'), sealed }, { by, facts: clear, act: 'account.secret-changed' }));
    await expect(made()).rejects.toMatchObject({ code: 'conflict' });
    await made(Buffer.from('sealed'));
    const { rows } = await sql<{ detail: object; sealed: Buffer }>`select detail, sealed from outbox where account_id = ${id}`.execute(fixture.store.db());
    expect(rows).toEqual([{ detail: { version: 2 }, sealed: Buffer.from('sealed') }]);
  });
});

describe('what a platform says of a secret', () => {
  test('once the authority is ours, neither captures nor drops', async () => {
    const id = await addAccount(fixture.store, { hash: { encoded: '{X}right', origin: 'captured' } });
    await fixture.store.transaction((tx) => handOver(tx, [id], { by, facts }));
    expect(await fixture.store.transaction((tx) => setHash(tx, id, { encoded: '{X}other', origin: 'captured' }, 1))).toBe(false);
    expect(await fixture.store.transaction((tx) => dropHeld(tx, id, 1, true))).toBe(false);
    expect(await account(id)).toMatchObject({ credentialVersion: 1, hash: { encoded: '{X}right' } });
  });

  test('while it has the authority, makes what we held a secret of before', async () => {
    const id = await addAccount(fixture.store, { hash: { encoded: '{X}first', origin: 'imported' } });
    await fixture.store.transaction((tx) => setHash(tx, id, { encoded: '{X}second', origin: 'captured' }, 1));
    expect((await account(id)).former).toEqual(['{X}first']);
    await fixture.store.transaction((tx) => dropHeld(tx, id, 1, true));
    expect(await account(id)).toMatchObject({ former: ['{X}second', '{X}first'], credentialVersion: 2 });
    expect((await account(id)).hash).toBeUndefined();
  });
});

describe('the authority', () => {
  test('is handed over where the secret is known and the home opens without it', async () => {
    const [proven, imported, none, shut] = await Promise.all([
      addAccount(fixture.store, { hash: { encoded: '{X}p', origin: 'captured' } }),
      addAccount(fixture.store, { hash: { encoded: '{X}i', origin: 'imported' } }),
      addAccount(fixture.store),
      addAccount(fixture.store, { home: 'shut', authority: 'shut', hash: { encoded: '{X}s', origin: 'captured' } }),
    ]);
    const result = await fixture.store.transaction((tx) => handOver(tx, [proven, imported, none, shut, 999_999], { by, facts }));
    expect(result.done).toEqual([proven]);
    expect(result.refused.map(({ accountId }) => accountId).toSorted()).toEqual([imported, none, shut].toSorted());
    expect(await fixture.store.transaction((tx) => handOver(tx, [proven], { by, facts }))).toMatchObject({ done: [], unchanged: [proven] });
    expect((await account(proven)).credentialVersion).toBe(1);
  });

  test('is not handed over while its platform is asked to change the secret', async () => {
    const id = await addAccount(fixture.store, { hash: { encoded: '{X}p', origin: 'captured' } });
    await fixture.store.transaction(async (tx) => askForChange(tx, id, await lockStanding(tx, id), secret('new'), { by, form: 'hash' }));
    expect((await fixture.store.transaction((tx) => handOver(tx, [id], { by, facts }))).refused).toMatchObject([{ accountId: id, why: expect.stringContaining('has not answered') }]);
    await sql`update outbox set done_at = now() where account_id = ${id}`.execute(fixture.store.db());
    expect((await fixture.store.transaction((tx) => handOver(tx, [id], { by, facts }))).done).toEqual([id]);
  });

  test('is not handed over on a secret that its platform accepted long ago', async () => {
    const id = await addAccount(fixture.store, { hash: { encoded: '{X}p', origin: 'captured' } });
    await sql`update secret_hash set at = now() - interval '31 days' where account_id = ${id}`.execute(fixture.store.db());
    expect((await fixture.store.transaction((tx) => handOver(tx, [id], { by, facts }))).refused).toMatchObject([{ accountId: id, why: expect.stringMatching(/last accepted what we hold on \d{4}-\d\d-\d\d/) }]);
    await noteHashProven(fixture.store, new Map([[id, new Date()]]));
    expect((await fixture.store.transaction((tx) => handOver(tx, [id], { by, facts }))).done).toEqual([id]);
  });

  test('of a large wave changes hands in seconds', async () => {
    const accounts = Array.from({ length: 5_000 }, (_, i) => ({ address: `wave${i}@example.org`, home: 'old', authority: 'old', hash: { encoded: '{X}p', origin: 'captured' as const } }));
    const ids = await fixture.store.transaction((tx) => createAccounts(tx, accounts, by));
    expect((await fixture.store.transaction((tx) => handOver(tx, ids, { by, facts }))).done).toHaveLength(5_000);
    const { rows } = await sql<{ count: number }>`select count(*) from audit where act = 'account.authority-handed-over' and subject = any(${ids.map((id) => `account:${id}`)}::text[])`.execute(fixture.store.db());
    expect(rows).toEqual([{ count: 5_000 }]);
  });

  test('goes back only while the platform has the same secret', async () => {
    const id = await addAccount(fixture.store, { hash: { encoded: '{X}p', origin: 'captured' } });
    const back = () => fixture.store.transaction((tx) => handBack(tx, [id], 'old', { by, facts }));
    await fixture.store.transaction((tx) => handOver(tx, [id], { by, facts }));
    expect((await back()).done).toEqual([id]);
    await change(id, 'changed');
    expect((await back()).refused).toHaveLength(1);
    await sql`insert into secret_pushed values (${id}, 'old', 2)`.execute(fixture.store.db());
    expect((await back()).done).toEqual([id]);
    expect((await account(id)).authority).toBe('old');
  });
});

describe('a reset link', () => {
  const make = (id: number) => fixture.store.transaction((tx) => createResetLink(tx, id, { by, facts }));
  const redeem = (token: string, text: string) => fixture.store.transaction((tx) => redeemResetLink(tx, token, secret(text), facts));

  test('serves once, and its token is nowhere in the store', async () => {
    const id = await addAccount(fixture.store);
    const { token } = await make(id);
    const { rows } = await sql<{ whole: string }>`select row_to_json(reset_link)::text as whole from reset_link`.execute(fixture.store.db());
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(await readResetLink(fixture.store, token)).toMatchObject({ accountId: id });
    const both = await Promise.allSettled([redeem(token, 'a'), redeem(token, 'b')]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await readResetLink(fixture.store, token)).toBeUndefined();
    expect((await account(id)).credentialVersion).toBe(2);
  });

  test('ends with its hour, with any other change, with a newer link, and with the account', async () => {
    const id = await addAccount(fixture.store);
    const old = await make(id);
    const newer = await make(id);
    await expect(redeem(old.token, 'a')).rejects.toMatchObject({ code: 'not-found' });
    await change(id, 'by other means');
    await expect(redeem(newer.token, 'a')).rejects.toMatchObject({ code: 'not-found' });
    const late = await make(id);
    await sql`update reset_link set expires_at = now() - interval '1 ms' where account_id = ${id}`.execute(fixture.store.db());
    expect(await readResetLink(fixture.store, late.token)).toBeUndefined();
    await expect(redeem(late.token, 'a')).rejects.toMatchObject({ code: 'not-found' });
    const last = await make(id);
    await fixture.store.transaction((tx) => changeState(tx, id, 'closed', { by, facts }));
    await expect(redeem(last.token, 'a')).rejects.toMatchObject({ code: 'not-found' });
    await expect(redeem('x', 'a')).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('an app password', () => {
  const make = (id: number) => fixture.store.transaction((tx) => createAppPassword(tx, id, { label: 'phone', scope: ['imap', 'submission'], by, facts }));

  test('is found however it is typed, and by its own account alone', async () => {
    const [id, other] = [await addAccount(fixture.store), await addAccount(fixture.store)];
    const made = await make(id);
    expect(made.secret).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
    const holder = await account(id);
    for (const typed of [made.secret, made.secret.replaceAll('-', ''), made.secret.toUpperCase().replaceAll('-', ' ')]) {
      expect(findAppPassword(holder, typed)).toMatchObject({ id: made.id, scope: ['imap', 'submission'] });
    }
    expect(findAppPassword(holder, made.secret.slice(0, -1) + (made.secret.endsWith('a') ? 'b' : 'a'))).toBeUndefined();
    expect(findAppPassword({ ...(await account(other)), appPasswords: holder.appPasswords! }, made.secret)).toBeUndefined();
    expect(looksLikeAppPassword('correct horse battery')).toBe(false);
    expect(JSON.stringify(holder)).not.toContain(made.secret.replaceAll('-', ''));
  });

  test('is gone when it is revoked, and its use is written down', async () => {
    const id = await addAccount(fixture.store);
    const made = await make(id);
    await noteAppPasswordUse(fixture.store, new Map([[made.id, new Date(1_700_000_000_000)]]));
    await fixture.store.transaction((tx) => revokeAppPassword(tx, id, made.id, by));
    expect((await account(id)).appPasswords).toBeUndefined();
    expect(wasAppPassword(await account(id), made.secret)).toBe(true);
    expect(wasAppPassword(await account(id), 'abcd-efgh-ijkm-npqr')).toBe(false);
    expect(await listAppPasswords(fixture.store, id)).toMatchObject([{ label: 'phone', lastUsedAt: new Date(1_700_000_000_000), revokedAt: expect.any(Date) }]);
    await expect(fixture.store.transaction((tx) => revokeAppPassword(tx, id, made.id, by))).rejects.toMatchObject({ code: 'not-found' });
    expect(await audits(id)).toEqual(['account.created', 'account.app-password-made', 'account.app-password-revoked']);
  });

  test('is not made where it could open nothing, nor without end', async () => {
    const shut = await addAccount(fixture.store, { home: 'shut', authority: 'shut' });
    await expect(make(shut)).rejects.toMatchObject({ code: 'unavailable' });
    const id = await addAccount(fixture.store);
    for (let i = 0; i < 25; i += 1) await make(id);
    await expect(make(id)).rejects.toMatchObject({ code: 'limit' });
  });
});

test('a change is confirmed by each instance that has read beyond it, in this life of the server', async () => {
  const { store } = fixture;
  await store.transaction((tx) => joinInstance(tx, 'a', 'boot'));
  await store.transaction((tx) => joinInstance(tx, 'b', 'boot'));
  const id = await store.transaction((tx) => createAccount(tx, { address: 'heard@example.org', home: 'old', authority: 'old' }, by));
  const { change: number } = await change(id, 'x');
  const { rows } = await sql<{ life: string }>`select concat(pg_postmaster_start_time(), ' ', (select stats_reset from pg_stat_bgwriter)) as life`.execute(store.db());
  const { life } = rows[0]!;
  await noteProgress(store, 'a', { life, xid: number });
  expect(await confirmationsOf(store, number)).toEqual({ confirmed: [], notYet: [{ instance: 'a', since: expect.any(Date) }, { instance: 'b', since: undefined }] });
  await noteProgress(store, 'a', { life, xid: String(BigInt(number) + 1n) });
  await noteProgress(store, 'b', { life: 'an earlier one', xid: String(BigInt(number) + 9n) });
  expect(await confirmationsOf(store, number)).toEqual({ confirmed: ['a'], notYet: [{ instance: 'b', since: expect.any(Date) }] });
});
