import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createManualClock } from '#events/manual-clock.testing.ts';
import { anAccount } from '../testing.ts';
import { KNOWN_MS } from './familiar.ts';
import { HOME, startBench } from './testing.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'known-networks-'));
  file = join(folder, 'known-networks');
});
afterEach(() => rm(folder, { recursive: true }));

/** An account with a known network and two secrets, and one that is closed to strangers. */
async function lived(): Promise<void> {
  const { enter, guess, locks } = await startBench({ file });
  for (const secret of ['before', 'now']) enter(secret, { from: HOME });
  for (let i = 0; i < 100; i++) guess(`wrong ${i}`, { account: anAccount(2), from: `203.0.113.${i}` });
  await locks.close();
}

test('known networks, secrets of before and counts survive a restart, encrypted, for the owner only', async () => {
  await lived();
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const { guesses, guess, locks, events } = await startBench({ file });
  expect(events).toMatchObject([{ name: 'signin.snapshot-read', fields: { entries: 2 } }]);
  expect(guesses(100, { from: HOME })).toBe(100);
  guess('before');
  expect(locks.explain(anAccount(1))).toMatchObject({ distinct: 0, knownNetworks: 1 });
  expect(guess('x', { account: anAccount(2) })).toBe('account');
  await locks.close();
});

test('are written within half a minute, and no sign-in makes it be written again within the hour', async () => {
  const { enter, locks, clock } = await startBench({ file });
  enter('now', { from: HOME });
  await clock.pass(30_000);
  // The file system is not on the manual clock.
  const read = () => readFile(file).catch(() => undefined);
  for (let i = 0; i < 1_000 && (await read()) === undefined; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  const first = await read();
  expect(first).toBeDefined();
  enter('now', { from: HOME, by: 'known-good' });
  await locks.close();
  expect(await read()).toEqual(first);
});

test('what is older than 30 days is not known any more; a clock that was set back makes nothing last longer', async () => {
  await lived();
  const later = await startBench({ file, clock: createManualClock(1_700_000_000_000 + KNOWN_MS) });
  expect(later.guesses(100, { from: HOME })).toBe(6);
  await later.locks.close();
  await lived();
  const earlier = await startBench({ file, clock: createManualClock(1_600_000_000_000) });
  expect(earlier.guesses(10, { from: HOME })).toBe(10);
  await earlier.clock.pass(KNOWN_MS);
  expect(earlier.guesses(10, { from: HOME, as: 'later' })).toBe(6);
});

test('one that is torn counts as none, and that is said', async () => {
  await lived();
  await writeFile(file, (await readFile(file)).subarray(0, 60));
  const { guesses, events } = await startBench({ file });
  expect(guesses(100, { from: HOME })).toBe(6);
  expect(events[0]?.name).toBe('signin.snapshot-lost');
});
