import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schemeFault } from '#signin/scheme.ts';
import type { Store } from '#store/index.ts';
import type { TestStore } from '#store/testing.ts';
import { bumpCredentialVersion, createAccounts, dropHeld, setHash, setState } from './accounts.ts';
import { hashClear, importAccounts, parseAccounts, readAccountFile } from './import.ts';
import { findAccount, readAccountIds, readEntries } from './read-entries.ts';
import { addAccount, openDirectoryStore } from './testing.ts';

const SHA = '{SHA512-CRYPT}$6$salt$hash';
const hashFault = (encoded: string) => (encoded.startsWith('{DES-CRYPT}') ? 'the scheme {DES-CRYPT} cannot be checked' : undefined);
const csv = (text: string) => parseAccounts(text, { file: 'f.csv', format: 'csv', platforms: ['old', 'new'], hashFault });
const passwd = (text: string, platform: string | undefined = 'old') =>
  parseAccounts(text, { file: 'users', format: 'passwd-file', platforms: ['old'], platform, hashFault });
const wrong = (place: string, message: RegExp) => expect.objectContaining({ code: 'input', place, message: expect.stringMatching(message) });

describe('a CSV file', () => {
  test('gives accounts, with the address for what is not said', () => {
    const rows = csv(
      `address,platform,hash,login_names,recipients,authority,state\n` +
        `Ann@Example.org,old,${SHA},ann ANN@example.org,"ann@example.org sales@example.org",ours,suspended\n` +
        `bob@example.org,new,,,,,\n`,
    );
    expect(rows.map(({ line }) => line)).toEqual([2, 3]);
    expect(rows[0]?.account).toEqual({
      address: 'ann@example.org',
      home: 'old',
      authority: 'ours',
      state: 'suspended',
      hash: { encoded: SHA, origin: 'imported' },
      loginNames: ['ann', 'ann@example.org'],
      recipients: ['ann@example.org', 'sales@example.org'],
    });
    expect(rows[1]?.account).toEqual({
      address: 'bob@example.org',
      home: 'new',
      authority: 'new',
      state: 'active',
      loginNames: ['bob@example.org'],
      recipients: ['bob@example.org'],
    });
  });

  test('may say whose an account is', () => {
    const [row, other] = csv('address,platform,customer_name,customer_number,phones\na@b.c,old,"Ann, Ada",K-1,+49 171 5550101; 030 555\nb@b.c,old,,,\n');
    expect(row?.account.customer).toEqual({ name: 'Ann, Ada', number: 'K-1', phones: ['+491715550101', '030555'] });
    expect(other?.account.customer).toBeUndefined();
  });

  test.each([
    ['address,platform,phones\na@b.c,old,call me', 2, /phone number/],
    ['', 1, /empty/],
    ['ann@example.org,old\n', 1, /unknown column/],
    ['address\nann@example.org', 1, /no column platform/],
    ['address,platform,address\n', 1, /twice/],
    ['address,platform,colour\n', 1, /unknown column "colour"/],
    ['address,platform\na@b.c,old,\n', 2, /3 fields/],
    ['address,platform\n\na@b.c,nowhere', 3, /unknown platform "nowhere"/],
    ['address,platform\nann,old', 2, /not an address/],
    ['address,platform,authority\na@b.c,old,theirs', 2, /unknown authority/],
    ['address,platform,authority\na@b.c,old,ours', 2, /without a hash/],
    ['address,platform,state\na@b.c,old,gone', 2, /unknown state/],
    ['address,platform,hash\na@b.c,old,{CRAM-MD5}abcdef', 2, /keeps the password itself/],
    ['address,platform,hash\na@b.c,old,{PLAIN}', 2, /keeps the password itself|no scheme/],
    ['address,platform,hash\na@b.c,old,hunter2', 2, /no scheme/],
    ['address,platform,hash\na@b.c,old,\nd@b.c,old,{DES-CRYPT}hunter2', 3, /the scheme \{DES-CRYPT\} cannot be checked/],
    ['address,platform\na@b.c,old\nA@b.c,new', 3, /address a@b.c is on line 2/],
    ['address,platform,login_names\na@b.c,old,ann\nd@b.c,new,ANN', 3, /login name ann is on line 2/],
    ['address,platform,recipients\na@b.c,old,x@b.c\nd@b.c,new,x@b.c', 3, /recipient x@b.c is on line 2/],
    ['address,platform\n"a@b.c,old', 2, /never closed/],
  ])('%j is refused', (text, line, message) => {
    expect(() => csv(text)).toThrow(wrong(`f.csv:${line}`, message));
    try {
      csv(text);
    } catch (error) {
      expect(JSON.stringify([String(error), error])).not.toContain('hunter2');
    }
  });
});

describe("Dovecot's passwd-file", () => {
  test('gives accounts on the platform named', () => {
    const rows = passwd(`# users\nann@example.org:${SHA}:1000:1000::/home/ann::userdb_quota_rule=*:storage=1G\n\nbob@example.org:$6$s$h\ncy@example.org\n`);
    expect(rows.map(({ line, account }) => [line, account.address, account.hash?.encoded, account.home, account.authority])).toEqual([
      [2, 'ann@example.org', SHA, 'old', 'old'],
      [4, 'bob@example.org', '{SHA512-CRYPT}$6$s$h', 'old', 'old'],
      [5, 'cy@example.org', undefined, 'old', 'old'],
    ]);
  });

  test('with a hash that sign-in cannot check is refused, by line and scheme', () => {
    const parse = (text: string) => parseAccounts(text, { file: 'users', format: 'passwd-file', platforms: ['old'], platform: 'old', hashFault: schemeFault });
    expect(() => parse('ann@b.c:$y$j9T$hunter2$hunter2\n')).toThrow(wrong('users:1', /the hash is not of the form of \{CRYPT\}\$y\$/));
    expect(() => parse(`# all\nann@b.c:{plain-md5}900150983cd24fb0d6963f7d28e17f72\nbob@b.c:${SHA}\n`)).toThrow(wrong('users:3', /not of the form of \{SHA512-CRYPT\}/));
    expect(() => parse('ann@b.c:{ARGON2ID}$argon2id$v=19$m=4194304,t=9,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA')).toThrow(wrong('users:1', /more memory or rounds/));
    expect(parse('ann@b.c:{plain-md5.B64}kAFQmDzST7DWlj99KOF/cg==')[0]?.account.hash?.encoded).toBe('{PLAIN-MD5.b64}kAFQmDzST7DWlj99KOF/cg==');
  });

  test('needs addresses and a platform', () => {
    expect(() => passwd('ann:x\n')).toThrow(wrong('users:1', /not an address/));
    expect(() => parseAccounts('', { file: 'users', format: 'passwd-file', platforms: [], hashFault })).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

test('a file that cannot be read as text is named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'causeway-import-'));
  await writeFile(join(folder, 'latin1.csv'), Buffer.from('address,platform\nj\xfcrg@b.c,old\n', 'latin1'));
  const options = { format: 'csv' as const, platforms: ['old'], hashFault };
  await expect(readAccountFile(join(folder, 'latin1.csv'), options)).rejects.toThrow(wrong(join(folder, 'latin1.csv'), /UTF-8/));
  await expect(readAccountFile(join(folder, 'none.csv'), options)).rejects.toThrow(wrong(join(folder, 'none.csv'), /cannot be read/));
});

test('secrets in clear are hashed before they are kept, and shown nowhere', async () => {
  const rows = [
    ...csv('address,platform,hash,authority\na@b.c,old,{PLAIN}hunter two ,ours\nb@b.c,old,{clear.hex}c3a4,\n'),
    ...passwd('c@b.c:{CLEARTEXT.b64}aHVudGVyMg==\nd@b.c:{SSHA}abcd\ne@b.c:\n'),
  ];
  expect(JSON.stringify(rows)).not.toMatch(/hunter/);
  const tx = {} as never;
  await expect(importAccounts(tx, rows, { actor: 'test', file: 'f' })).rejects.toMatchObject({ code: 'internal' });
  const asked: string[] = [];
  const hashed = await hashClear(rows, async (secret) => (asked.push(secret), `{ARGON2ID}$of ${asked.length}`), 2);
  expect(asked.toSorted()).toEqual(['hunter two ', 'hunter2', 'ä']);
  expect(hashed.map(({ account }) => account.hash?.encoded.slice(0, 10))).toEqual(['{ARGON2ID}', '{ARGON2ID}', '{ARGON2ID}', '{SSHA}abcd', undefined]);
  expect(hashed.every((row) => !('clear' in row))).toBe(true);
});

describe('in the store', () => {
  let t: TestStore;
  let store: Store;
  beforeAll(async () => {
    t = await openDirectoryStore();
    ({ store } = t);
  });
  afterAll(() => t.close());

  test('a name that is taken refuses the whole file', async () => {
    await addAccount(store, { address: 'taken@example.org', loginNames: ['taken'] });
    const before = await readAccountIds(store);
    const rows = csv('address,platform,login_names\nfree@example.org,old,free\nother@example.org,old,other taken\n');
    await expect(store.transaction((tx) => importAccounts(tx, rows, { actor: 'test', file: 'f.csv' }))).rejects.toThrow(
      wrong('f.csv:3', /login name taken belongs to an account already/),
    );
    expect(await readAccountIds(store)).toEqual(before);
    await expect(addAccount(store, { address: 'TAKEN@example.org' })).rejects.toThrow(
      expect.objectContaining({ code: 'conflict', place: 'taken@example.org' }),
    );
  });

  test('28,000 accounts are imported in seconds', async () => {
    const accounts = Array.from({ length: 28_000 }, (_, index) => ({
      address: `many${index}@example.org`,
      home: 'old',
      authority: 'old',
      hash: { encoded: SHA, origin: 'imported' as const },
    }));
    const began = process.cpuUsage().user;
    const ids = await store.transaction((tx) => createAccounts(tx, accounts, { actor: 'test' }));
    // Half a second of our own, where one statement for each would take as long as the test may; the store waits for a disk that others use.
    expect((process.cpuUsage().user - began) / 1e6).toBeLessThan(10);
    const [entry] = await readEntries(store, [ids[17]!]);
    expect(entry).toMatchObject({
      account: { address: 'many17@example.org', loginNames: ['many17@example.org'], hash: { encoded: SHA, origin: 'imported' } },
      route: { home: 'old', phase: 'settled', epoch: 0, stage: null },
    });
  });

  test('an account is found by any of its names', async () => {
    const id = await addAccount(store, { address: 'find@example.org', loginNames: ['finder'], recipients: ['found@example.org', '@catch.example'] });
    for (const name of ['Find@example.org', 'FINDER', 'found+x@example.org', 'anybody@catch.example']) {
      expect((await findAccount(store, name))?.account.id).toBe(id);
    }
    expect(await findAccount(store, 'nobody@example.org')).toBeUndefined();
  });

  test('a hash is kept and dropped only under the version for which it was judged', async () => {
    const id = await addAccount(store);
    const hash = { encoded: SHA, origin: 'captured' as const };
    const read = async () => (await readEntries(store, [id]))[0]?.account;
    expect(await store.transaction((tx) => setHash(tx, id, hash, 2))).toBe(false);
    expect(await store.transaction((tx) => setHash(tx, id, hash, 1))).toBe(true);
    expect(await store.transaction((tx) => bumpCredentialVersion(tx, id, 1))).toBe(2);
    expect(await store.transaction((tx) => bumpCredentialVersion(tx, id, 1))).toBeUndefined();
    expect(await store.transaction((tx) => dropHeld(tx, id, 1, true))).toBe(false);
    expect(await read()).toMatchObject({ credentialVersion: 2, hash });
    expect(await store.transaction((tx) => setHash(tx, id, { encoded: '{X}y', origin: 'ours' }))).toBe(true);
    expect((await read())?.hash).toEqual({ encoded: '{X}y', origin: 'ours' });
    expect(await store.transaction((tx) => dropHeld(tx, id, 2, true))).toBe(true);
    expect((await read())?.hash).toBeUndefined();
    expect(await store.transaction((tx) => setState(tx, id, 'closed', { actor: 'test' }))).toBe(true);
    expect(await store.transaction((tx) => setState(tx, id, 'closed', { actor: 'test' }))).toBe(false);
    expect(await read()).toMatchObject({ state: 'closed' });
  });
});
