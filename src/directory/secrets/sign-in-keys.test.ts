import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from 'kysely';
import type { TestStore } from '#store/testing.ts';
import { createSeal } from '../outbox/seal.ts';
import { readEntries } from '../read-entries.ts';
import { changeState } from '../states.ts';
import { addAccount, openDirectoryStore } from '../testing.ts';
import { addPasskey, listPasskeys, MOST_PASSKEYS, notePasskeyUse, removePasskey, renamePasskey } from './passkey.ts';
import { makeRecoveryCodes, readSecondStep, setSecondStepEverywhere, turnSecondStepOff, turnSecondStepOn, useRecoveryCode, useStep } from './second-step.ts';
import { forgetSignIns, listSignIns, listSignInsByReason, noteSignIns, type SignInSeen } from './sign-in-seen.ts';

let fixture: TestStore;
beforeAll(async () => void (fixture = await openDirectoryStore()));
afterAll(() => fixture.close());

const by = { actor: 'customer' };
const write = <T>(work: Parameters<typeof fixture.store.transaction<T>>[0]): Promise<T> => fixture.store.transaction(work);
const account = async (id: number) => (await readEntries(fixture.store, [id]))[0]!.account;
const audits = async (id: number): Promise<string[]> => {
  const { rows } = await sql<{ act: string }>`select act from audit where subject = ${`account:${id}`} order by id`.execute(fixture.store.db());
  return rows.map(({ act }) => act).slice(1);
};
const passkey = (id: string, name = 'phone') => ({ id, publicKey: Buffer.alloc(200, 7), transports: ['internal', 'hybrid'], name, synced: true });

describe('passkeys', () => {
  test('are in the mirror while they last, by their owner’s name for them, and each act is audited', async () => {
    const id = await addAccount(fixture.store);
    expect(await account(id)).not.toHaveProperty('passkeys');
    await write((tx) => addPasskey(tx, id, passkey('one', '  My phone '), by));
    expect((await account(id)).passkeys).toEqual([{ id: 'one', publicKey: Buffer.alloc(200, 7).toString('base64') }]);
    await write((tx) => renamePasskey(tx, id, 'one', 'Old phone', by));
    await notePasskeyUse(fixture.store, 'one', new Date(1.7e12));
    expect(await listPasskeys(fixture.store, id)).toMatchObject([{ id: 'one', name: 'Old phone', transports: ['internal', 'hybrid'], synced: true, lastUsedAt: new Date(1.7e12) }]);
    await write((tx) => removePasskey(tx, id, 'one', by));
    expect(await account(id)).not.toHaveProperty('passkeys');
    expect(await audits(id)).toEqual(['account.passkey-added', 'account.passkey-renamed', 'account.passkey-removed']);
  });

  test('are nobody else’s to add again, rename or remove; there is a limit; a closed account gets none', async () => {
    const [mine, other] = [await addAccount(fixture.store), await addAccount(fixture.store)];
    await write((tx) => addPasskey(tx, mine, passkey('mine'), by));
    await expect(write((tx) => addPasskey(tx, other, passkey('mine'), by))).rejects.toMatchObject({ code: 'conflict' });
    await expect(write((tx) => renamePasskey(tx, other, 'mine', 'x', by))).rejects.toMatchObject({ code: 'not-found' });
    await expect(write((tx) => removePasskey(tx, other, 'mine', by))).rejects.toMatchObject({ code: 'not-found' });
    await expect(write((tx) => addPasskey(tx, other, passkey('x', '\u0007'), by))).rejects.toMatchObject({ code: 'input' });
    for (let n = 1; n < MOST_PASSKEYS; n++) await write((tx) => addPasskey(tx, mine, passkey(`mine ${n}`), by));
    await expect(write((tx) => addPasskey(tx, mine, passkey('too many'), by))).rejects.toMatchObject({ code: 'limit' });
    await write((tx) => changeState(tx, other, 'closed', { by, facts: { names: [], told: new Map(), opens: new Set() } }));
    await expect(write((tx) => addPasskey(tx, other, passkey('closed'), by))).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('the second step', () => {
  const seal = createSeal(Buffer.alloc(32, 1), 'second step');

  test('is in the mirror sealed, bound to its account, and each code’s time serves once', async () => {
    const [id, other] = [await addAccount(fixture.store), await addAccount(fixture.store)];
    await write((tx) => turnSecondStepOn(tx, id, { sealed: seal.seal(id, 'JBSWY3DPEHPK3PXP'), step: 100 }, by));
    const kept = (await account(id)).secondStep!;
    expect(kept.everywhere).toBe(false);
    expect(JSON.stringify(await account(id))).not.toContain('JBSWY3DPEHPK3PXP');
    expect(seal.open(id, Buffer.from(kept.sealed, 'base64'))).toBe('JBSWY3DPEHPK3PXP');
    expect(() => seal.open(other, Buffer.from(kept.sealed, 'base64'))).toThrow();
    await expect(write((tx) => turnSecondStepOn(tx, id, { sealed: Buffer.alloc(1), step: 1 }, by))).rejects.toMatchObject({ code: 'conflict' });
    expect(await useStep(fixture.store, id, 100)).toBe(false);
    const twice = await Promise.all([useStep(fixture.store, id, 101), useStep(fixture.store, id, 101)]);
    expect(twice.toSorted()).toEqual([false, true]);
    await write((tx) => setSecondStepEverywhere(tx, id, true, by));
    expect((await account(id)).secondStep?.everywhere).toBe(true);
    await write((tx) => turnSecondStepOff(tx, id, by));
    expect(await account(id)).not.toHaveProperty('secondStep');
    await expect(write((tx) => turnSecondStepOff(tx, id, by))).rejects.toMatchObject({ code: 'not-found' });
    await expect(write((tx) => setSecondStepEverywhere(tx, id, true, by))).rejects.toMatchObject({ code: 'not-found' });
    expect(await audits(id)).toEqual(['account.second-step-on', 'account.second-step-everywhere', 'account.second-step-off']);
  });

  test('each recovery code serves once, however it is typed, for its account alone; new ones end the old', async () => {
    const [id, other] = [await addAccount(fixture.store), await addAccount(fixture.store)];
    const on = (accountId: number) => write((tx) => turnSecondStepOn(tx, accountId, { sealed: Buffer.alloc(1), step: 0 }, by));
    const [codes] = [await on(id), await on(other)];
    const use = (accountId: number, code: string) => write((tx) => useRecoveryCode(tx, accountId, code, by));
    expect(new Set(codes).size).toBe(10);
    expect(await use(other, codes[0]!)).toBe(false);
    expect(await Promise.all([use(id, codes[0]!.toUpperCase().replaceAll('-', ' ')), use(id, codes[0]!)])).toSatisfy((both: boolean[]) => both.filter(Boolean).length === 1);
    expect((await readSecondStep(fixture.store, id))?.recoveryLeft).toBe(9);
    const later = await write((tx) => makeRecoveryCodes(tx, id, by));
    expect(await use(id, codes[1]!)).toBe(false);
    expect(await use(id, later[1]!)).toBe(true);
    expect(await use(id, 'no code at all')).toBe(false);
    const { rows } = await sql<{ row: string }>`select row_to_json(c)::text as row from recovery_code c`.execute(fixture.store.db());
    expect(rows.map(({ row }) => row).join()).not.toContain(later[2]!.replaceAll('-', ''));
  });
});

test('sign-ins are added up by place, program and outcome, shown latest first, and forgotten after a month', async () => {
  const [id, other] = [await addAccount(fixture.store), await addAccount(fixture.store)];
  const at = (days: number) => new Date(Date.now() - days * 86_400_000);
  const seen = (days: number, more: Partial<SignInSeen> = {}): SignInSeen => ({ accountId: id, protocol: 'imap', network: '192.0.2.1', device: '', outcome: 'accepted', means: 'password', reason: '', firstAt: at(days), lastAt: at(days), times: 3, ...more });
  await noteSignIns(fixture.store, [seen(2), seen(1, { outcome: 'rejected', means: 'none', reason: 'secret' }), seen(1, { outcome: 'rejected', means: 'none', reason: 'former' }), seen(40, { network: '192.0.2.9' }), seen(1, { accountId: other }), seen(1, { accountId: 1e9 })]);
  await noteSignIns(fixture.store, [seen(0, { times: 4 })]);
  expect(await listSignIns(fixture.store, id)).toMatchObject([
    { network: '192.0.2.1', outcome: 'accepted', times: 7 },
    { network: '192.0.2.1', outcome: 'rejected', times: 6 },
  ]);
  expect((await listSignInsByReason(fixture.store, id)).map(({ reason, times }) => [reason, times])).toEqual(expect.arrayContaining([['', 7], ['secret', 3], ['former', 3]]));
  await forgetSignIns(fixture.store);
  const { rows } = await sql<{ n: number }>`select count(*) as n from sign_in_seen`.execute(fixture.store.db());
  expect(rows[0]?.n).toBe(4);
});
