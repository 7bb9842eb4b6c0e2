import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createWorld, enrol, type World } from './testing.ts';

const ask = (world: World, login: string): boolean => world.signIn.couldJudge(login, 'pop3');

const crowdOf = (world: World): string[] => Array.from({ length: 6 }, (_, n) => enrol(world, 100 + n, 's', { hashed: false }).address);

/** Until the platform's breaker is open. */
async function exhaust(world: World, crowd: readonly string[]): Promise<void> {
  for (const login of crowd) await world.verdict(login, 's');
}

test('a healthy house judges everybody but those whose state answers already', async () => {
  const world = await createWorld();
  const unhashed = enrol(world, 1, 'right', { hashed: false });
  const ours = enrol(world, 2, 'right', { authority: 'ours' });
  const unjudgeable = enrol(world, 3, 'right', { authority: 'ours', hashed: false });
  const suspended = enrol(world, 4, 'right', { state: 'suspended' });
  expect([unhashed, ours, unjudgeable, suspended].map(({ address }) => ask(world, address))).toEqual([true, true, false, false]);
  expect(ask(world, 'nobody@example')).toBe(true);
  world.store.mode = 'gone';
  expect(ask(world, 'nobody@example')).toBe(false);
  await world.signIn.close();
});

test('with the verifier dead: those of whom nothing is held are turned away, unknown names alike, until it is back', async () => {
  const world = await createWorld();
  world.client.protocol = 'pop3';
  const hashed = enrol(world, 1, 'right');
  const unhashed = enrol(world, 2, 'right', { hashed: false });
  const known = enrol(world, 3, 'right', { hashed: false });
  const crowd = crowdOf(world);
  expect(await world.verdict(known.address, 'right')).toMatchObject({ verdict: 'accepted' });
  world.platform.mode = 'dead';
  await world.clock.pass(1000);
  await exhaust(world, crowd);
  // The captured hash is in the store, and the copy has not heard of it: what tells is that it was admitted before.
  expect(world.mirrored(3)?.hash).toBeUndefined();
  expect([hashed, unhashed, known].map(({ address }) => ask(world, address))).toEqual([true, false, true]);
  expect(ask(world, 'nobody@example')).toBe(false);
  // Nobody presents a secret any more; being asked about names must bring it back.
  world.platform.mode = 'well';
  await world.clock.pass(10_000);
  ask(world, unhashed.address);
  await world.clock.pass(10_000);
  expect([ask(world, unhashed.address), ask(world, 'nobody@example')]).toEqual([true, true]);
  await world.signIn.close();
});

test('it is known over a restart, by protocol, and ends with the credential version', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'could-judge-'));
  const files = { key: randomBytes(32), snapshotFile: join(folder, 'known-good') };
  try {
    const before = await createWorld(files);
    before.client.protocol = 'pop3';
    await before.verdict(enrol(before, 1, 'right', { hashed: false }).address, 'right');
    before.client.protocol = 'imap';
    await before.verdict(enrol(before, 2, 'right', { hashed: false }).address, 'right');
    await before.signIn.close();
    const after = await createWorld(files);
    after.platform.mode = 'dead';
    await exhaust(after, crowdOf(after));
    const [known, imapOnly] = [1, 2].map((id) => enrol(after, id, 'right', { hashed: false }));
    expect([ask(after, known!.address), ask(after, imapOnly!.address)]).toEqual([true, false]);
    enrol(after, 1, 'right', { hashed: false, credentialVersion: 2 });
    expect(ask(after, known!.address)).toBe(false);
    await after.signIn.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
