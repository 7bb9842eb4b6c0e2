import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { replyFor } from '../replies.ts';
import { fakeHash } from '../fake-hasher.testing.ts';
import { createWorld, enrol, type World } from '../testing.ts';

const HOME = '198.51.100.7';
const MINUTE = 60_000;

const said = (verdict: { verdict: string; reason?: string }): string => [verdict.verdict, verdict.reason].filter(Boolean).join(' ');

/** An account of ours (no platform's budget is in the way) that has signed in from home, and a stranger who guesses. */
async function attacked(options: Parameters<typeof createWorld>[0] = {}): Promise<World> {
  const world = await createWorld(options);
  enrol(world, 1, 'right', { authority: 'ours' });
  world.client.network = HOME;
  expect(said(await world.verdict('customer1@example', 'right'))).toBe('accepted');
  world.client.network = '192.0.2.66';
  return world;
}

async function guesses(world: World, n: number, login = 'customer1@example'): Promise<string[]> {
  const told: string[] = [];
  for (let i = 0; i < n; i++) told.push(said(await world.verdict(login, `guess ${i}`)));
  return told;
}

describe('a locked pair', () => {
  test('is not checked, is answered as unavailable, counted and told', async () => {
    const world = await attacked();
    expect(await guesses(world, 6)).toEqual(Array(6).fill('rejected secret'));
    const { checks } = world.hasher;
    const verdict = await world.verdict('customer1@example', 'guess 6');
    expect(said(verdict)).toBe('locked pair');
    expect(said(await world.verdict('customer1@example', 'right'))).toBe('locked pair');
    expect(world.hasher.checks).toBe(checks);
    expect(world.figures.get('signin.locked old')).toBe(2);
    expect(world.events.map(({ name }) => name)).toContain('signin.lock-set');
    if (verdict.verdict !== 'locked') throw new Error('not locked');
    expect(replyFor(verdict, 'imap', 'secret')).toEqual(replyFor({ verdict: 'unavailable', reason: 'store' }, 'imap', 'secret'));
    expect(replyFor(verdict, 'pop3', 'secret')).toEqual(replyFor({ verdict: 'unavailable', reason: 'store' }, 'pop3', 'secret'));
    expect(world.signIn.explain({ id: 1, credentialVersion: 1 })).toMatchObject({ distinct: 6, knownNetworks: 1, networks: [{ network: '192.0.2.66', wrong: 6 }] });
    await world.signIn.close();
  });

  test('leaves home alone, known good or not', async () => {
    const world = await attacked();
    await guesses(world, 6);
    world.client.network = HOME;
    expect(said(await world.verdict('customer1@example', 'right'))).toBe('accepted');
    expect(await guesses(world, 20)).toEqual(Array(20).fill('rejected secret'));
    expect(said(await world.verdict('customer1@example', 'right'))).toBe('accepted');
  });

  test('says nothing before the account\'s state does', async () => {
    const world = await attacked();
    await guesses(world, 6);
    world.store.put({ ...world.mirrored(1)!, state: 'suspended' });
    world.store.publish();
    expect(said(await world.verdict('customer1@example', 'guess 7'))).toBe('unavailable suspended');
  });

  test('may try again after its time', async () => {
    const world = await attacked();
    await guesses(world, 6);
    await world.clock.pass(MINUTE);
    expect(said(await world.verdict('customer1@example', 'right'))).toBe('accepted');
    expect(await guesses(world, 20)).toEqual(Array(20).fill('rejected secret'));
    expect(world.events.filter(({ name }) => name === 'signin.lock-ended')).toHaveLength(1);
  });
});

test('with no verdict nothing counts: a store that is gone for a thousand guesses locks nobody', async () => {
  const world = await attacked();
  world.store.mode = 'gone';
  for (let i = 0; i < 100; i++) expect(said(await world.verdict('customer1@example', `guess ${i}`))).toBe('unavailable store');
  world.store.mode = 'well';
  expect(said(await world.verdict('customer1@example', 'right'))).toBe('accepted');
  expect(world.signIn.explain({ id: 1, credentialVersion: 1 }).distinct).toBe(0);
});

test('a burst is checked no further than the ladder lets it', async () => {
  const world = await attacked();
  const before = world.hasher.checks;
  const all = Promise.all(Array.from({ length: 200 }, (_, i) => world.attempt('customer1@example', `burst ${i}`)));
  await world.clock.pass(1000);
  const told = (await all).map(said);
  expect(told.filter((each) => each === 'rejected secret')).toHaveLength(6);
  expect(world.hasher.checks - before).toBe(6);
});

test('a phone that keeps the secret of before a change is told the truth and locked by nothing, at home and on the road', async () => {
  const world = await attacked();
  world.store.put({ ...world.mirrored(1)!, credentialVersion: 2, hash: { encoded: fakeHash('new'), origin: 'ours' } });
  world.store.publish();
  world.client.network = HOME;
  await world.verdict('customer1@example', 'new');
  for (const network of [HOME, '203.0.113.9']) {
    world.client.network = network;
    for (let i = 0; i < 30; i++) expect(said(await world.verdict('customer1@example', 'right'))).toBe('rejected secret');
    expect(said(await world.verdict('customer1@example', 'new'))).toBe('accepted');
  }
  expect(world.signIn.explain({ id: 1, credentialVersion: 2 })).toMatchObject({ distinct: 0, networks: [{ stale: { times: 30 } }, { stale: { times: 30 } }] });
  await world.verdict('customer1@example', 'a typing mistake');
  await world.signIn.close();
  const refused = world.seen.filter(({ outcome }) => outcome === 'rejected').map(({ network, reason, times }) => `${network} ${reason} ${times}`);
  expect(refused.toSorted()).toEqual([`${HOME} former 30`, '203.0.113.9 former 30', '203.0.113.9 secret 1'].toSorted());
});

test('a held secret that its platform refuses is one of before', async () => {
  const world = await createWorld();
  const customer = enrol(world, 1, 'first', { hashed: false });
  world.client.network = HOME;
  await world.verdict(customer.address, 'first');
  await world.clock.pass(16 * MINUTE);
  world.platform.secrets.set(customer.address, 'second');
  await world.verdict(customer.address, 'first');
  await world.clock.pass(20_000);
  expect(world.dropped).toHaveLength(1);
  world.store.publish();
  expect(said(await world.verdict(customer.address, 'first'))).toBe('rejected secret');
  expect(world.signIn.explain({ id: 1, credentialVersion: 2 })).toMatchObject({ distinct: 0, networks: [{ wrong: 0, stale: { times: 1 } }] });
});

test('login names that are nobody\'s: a network that tries many is stopped without store or hash', async () => {
  const world = await attacked();
  for (let i = 0; i < 20; i++) expect(said(await world.verdict(`nobody${i}@example`, `secret ${i}`))).toBe('rejected unknown-name');
  const { checks } = world.hasher;
  world.store.mode = 'hangs';
  expect(said(await world.verdict('nobody20@example', 'secret 20'))).toBe('locked spray');
  expect(said(await world.verdict('customer1@example', 'right'))).toBe('locked spray');
  expect(world.hasher.checks).toBe(checks);
  world.client.network = HOME;
  expect(said(await world.verdict('customer1@example', 'right'))).toBe('accepted');
});

test('a sprayer with 3 common passwords, 200 addresses and 300 accounts is checked a few dozen times', async () => {
  const world = await createWorld();
  for (let i = 1; i <= 300; i++) {
    enrol(world, i, `own ${i}`, { authority: 'ours' });
    world.client.network = `10.1.${i >> 8}.${i & 255}`;
    void world.attempt(`customer${i}@example`, `own ${i}`);
  }
  await world.clock.pass(1000);
  const before = world.hasher.checks;
  for (const secret of ['123456', 'password', 'qwerty']) {
    for (let i = 1; i <= 300; i++) {
      world.client.network = `192.0.2.${i % 200}`;
      void world.attempt(`customer${i}@example`, secret);
      if (i % 10 === 0) await world.clock.pass(20);
    }
  }
  expect(world.hasher.checks - before).toBeLessThan(100);
  const running = Array.from({ length: 300 }, (_, i) => {
    world.client.network = `10.1.${(i + 1) >> 8}.${(i + 1) & 255}`;
    return world.attempt(`customer${i + 1}@example`, `own ${i + 1}`);
  });
  await world.clock.pass(1000);
  expect(new Set((await Promise.all(running)).map(said))).toEqual(new Set(['accepted']));
});

test('known networks survive a restart, with the known good or without it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'locks-'));
  const files = { key: Buffer.alloc(32, 7), snapshotFile: join(folder, 'known-good'), locksFile: join(folder, 'known-networks') };
  const world = await attacked(files);
  await world.signIn.close();
  const again = await createWorld(files);
  enrol(again, 1, 'right', { authority: 'ours' });
  again.client.network = HOME;
  expect(await guesses(again, 20)).toEqual(Array(20).fill('rejected secret'));
  again.client.network = '192.0.2.66';
  expect((await guesses(again, 20)).filter((each) => each === 'rejected secret')).toHaveLength(6);
  await again.signIn.close();
  await rm(folder, { recursive: true });
});
