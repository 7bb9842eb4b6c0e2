import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createManualClock } from '#events/manual-clock.testing.ts';
import { anAccount, createWorld, enrol } from '../testing.ts';
import { createDigestOf, deriveKeys } from './digest.ts';
import { loadKnownGoodKey } from './known-good-key.ts';
import { createKnownGood, EXPIRE_MS, REVALIDATE_MS } from './known-good.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'known-good-'));
  file = join(folder, 'snapshot');
});
afterEach(() => rm(folder, { recursive: true }));

const key = Buffer.alloc(32, 7);

describe('known good', () => {
  test('is due after 15 minutes, and ends after 14 days without a full check', async () => {
    const clock = createManualClock();
    const known = createKnownGood(clock);
    known.checked('a');
    expect(known.find('a')).toEqual({ due: false });
    await clock.pass(REVALIDATE_MS);
    expect(known.find('a')).toEqual({ due: true });
    await clock.pass(EXPIRE_MS - REVALIDATE_MS);
    expect(known.find('a')).toBeUndefined();
  });

  test('forgets the least lately used', () => {
    const known = createKnownGood(createManualClock(), 2);
    known.checked('a');
    known.checked('b');
    known.find('a');
    known.checked('c');
    expect(['a', 'b', 'c'].map((digest) => known.find(digest) !== undefined)).toEqual([true, false, true]);
  });

  test('digests differ by account, version, secret and key', () => {
    const { digest: one } = deriveKeys(key);
    const { digest: two, snapshot } = deriveKeys(Buffer.alloc(32, 8));
    expect(snapshot.equals(two)).toBe(false);
    const of = createDigestOf(one);
    const digests = [
      of(anAccount(1), 'imap', 'x'),
      of(anAccount(11), 'imap', 'x'),
      of(anAccount(1, { credentialVersion: 2 }), 'imap', 'x'),
      of(anAccount(1), 'imap', '1x'),
      createDigestOf(two)(anAccount(1), 'imap', 'x'),
    ];
    expect(new Set(digests).size).toBe(digests.length);
    expect(digests.every((digest) => digest.length === 32)).toBe(true);
  });
});

describe('the snapshot', () => {
  /** A world in which nothing but known good can admit: no hash, platform and store dead. */
  async function restarted(options: { key?: Buffer } = { key }) {
    const world = await createWorld({ ...options, snapshotFile: file });
    const customer = enrol(world, 1, 'right', { hashed: false });
    world.platform.mode = 'dead';
    world.store.mode = 'gone';
    return { world, verdict: (await world.verdict(customer.address, 'right')).verdict, names: world.events.map(({ name }) => name) };
  }

  beforeEach(async () => {
    const world = await createWorld({ key, snapshotFile: file });
    await world.verdict(enrol(world, 1, 'right', { hashed: false }).address, 'right');
    await world.signIn.close();
  });

  test('carries known good over a restart, encrypted, for the owner only, with nothing left beside it but its journal', async () => {
    expect((await restarted()).verdict).toBe('accepted');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['snapshot', 'snapshot.journal']);
  });

  test('is written within half a minute of a change', async () => {
    await rm(file);
    const world = await createWorld({ key, snapshotFile: file });
    await world.verdict(enrol(world, 1, 'right', { hashed: false }).address, 'right');
    await world.clock.pass(31_000);
    // The file system is not on the manual clock.
    for (let i = 0; i < 1_000 && !(await readdir(folder)).includes('snapshot'); i++) await new Promise((resolve) => setTimeout(resolve, 10));
    await world.signIn.close();
    expect((await restarted()).verdict).toBe('accepted');
  });

  test.each<[string, (bytes: Buffer) => Buffer]>([
    ['torn', (bytes) => bytes.subarray(0, bytes.length - 5)],
    ['cut to its head', (bytes) => bytes.subarray(0, 30)],
    ['empty', () => Buffer.alloc(0)],
    ['foreign', () => Buffer.from('something else altogether, long enough to be read as one')],
    ['altered', (bytes) => Buffer.from(bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte)))],
  ])('one that is %s counts as none, and that is said', async (_name, spoil) => {
    await writeFile(file, spoil(await readFile(file)));
    const { verdict, names } = await restarted();
    expect(verdict).toBe('unavailable');
    expect(names).toContain('signin.snapshot-lost');
  });

  test('of another key counts as none', async () => {
    const { verdict, names } = await restarted({ key: Buffer.alloc(32, 9) });
    expect(verdict).toBe('unavailable');
    expect(names).toContain('signin.snapshot-lost');
  });

  test('without a key is neither read nor written', async () => {
    const before = await readFile(file);
    const { world, verdict, names } = await restarted({});
    expect(verdict).toBe('unavailable');
    expect(names).toContain('signin.snapshot-off');
    world.platform.mode = 'well';
    await world.clock.pass(10_000);
    await world.verdict('customer1@example', 'right');
    await world.signIn.close();
    expect((await readFile(file)).equals(before)).toBe(true);
  });

  test('that cannot be written costs no sign-in', async () => {
    const world = await createWorld({ key, snapshotFile: join(folder, 'absent', 'snapshot') });
    expect((await world.verdict(enrol(world, 1, 'right', { hashed: false }).address, 'right')).verdict).toBe('accepted');
    await world.signIn.close();
    expect(world.events.map(({ name }) => name)).toContain('signin.snapshot-unwritten');
  });
});

describe('the key', () => {
  test('comes from the credentials folder, else from the file that is named, else there is none', async () => {
    const named = join(folder, 'named');
    await writeFile(named, Buffer.alloc(32, 1));
    expect(loadKnownGoodKey({})).toBeUndefined();
    expect(loadKnownGoodKey({ CREDENTIALS_DIRECTORY: folder, CAUSEWAY_KNOWN_GOOD_KEY_FILE: named })).toEqual(Buffer.alloc(32, 1));
    await writeFile(join(folder, 'causeway-known-good'), Buffer.alloc(40, 2));
    expect(loadKnownGoodKey({ CREDENTIALS_DIRECTORY: folder, CAUSEWAY_KNOWN_GOOD_KEY_FILE: named })).toEqual(Buffer.alloc(40, 2));
  });

  test('that is named and absent, or short, is an error', async () => {
    const named = join(folder, 'named');
    expect(() => loadKnownGoodKey({ CAUSEWAY_KNOWN_GOOD_KEY_FILE: named })).toThrow('cannot be read');
    await writeFile(named, 'short');
    expect(() => loadKnownGoodKey({ CAUSEWAY_KNOWN_GOOD_KEY_FILE: named })).toThrow('has 5 bytes');
  });
});
