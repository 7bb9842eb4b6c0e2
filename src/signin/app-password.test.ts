import { describe, expect, test } from 'vitest';
import { appPasswordDigest } from '#directory/secrets/app-password.ts';
import type { Account, AppScope } from '#directory/index.ts';
import { createWorld, enrol, type World } from './testing.ts';

const APP = 'abcd-efgh-ijkm-npqr';
const OTHER = 'zyxw-vuts-rqpn-mkji';
const SCOPE: readonly AppScope[] = ['imap', 'submission'];
const made = (id: number, secret: string = APP, scope = SCOPE) => ({ id: 7, scope, digest: appPasswordDigest(id, secret)!.toString('base64') });
const give = (world: World, account: Account | ReturnType<typeof enrol>, secret?: string): void =>
  world.store.put({ ...account, appPasswords: [made(account.id, secret)] });
const close = async (world: World): Promise<void> => {
  const closing = world.signIn.close();
  await world.clock.pass(10_000);
  await closing;
};
const said = (verdict: { verdict: string; reason?: string }): string => [verdict.verdict, verdict.reason].filter(Boolean).join(' ');

describe.each(['ours', 'old'] as const)('an app password, authority %s', (authority) => {
  test('admits at once with everything else dead, beside the main secret', async () => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'right', { authority });
    give(world, customer);
    world.store.publish();
    world.store.mode = 'gone';
    world.platform.mode = 'dead';
    world.hasher.mode = 'full';
    expect(said(await world.verdict(customer.address, APP.replaceAll('-', '').toUpperCase()))).toBe('accepted');
    world.hasher.mode = 'well';
    expect(said(await world.verdict(customer.address, 'right'))).toBe('accepted');
    expect(world.platform.asked.filter(({ secret }) => secret.includes('abcd'))).toEqual([]);
    await close(world);
  });

  test('by a protocol that it is not for is neither wrong nor counted, and nobody is asked', async () => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'right', { authority });
    give(world, customer);
    world.store.publish();
    world.client.protocol = 'pop3';
    for (let i = 0; i < 30; i += 1) expect(said(await world.verdict(customer.address, APP))).toBe('unavailable scope');
    expect(world.platform.asked).toEqual([]);
    expect(world.hasher.checks).toBe(0);
    expect(world.signIn.explain(customer)).toMatchObject({ distinct: 0, networks: [] });
    expect([...world.figures.keys()].filter((name) => name.startsWith('signin.unavailable'))).toEqual([]);
    await close(world);
  });

  test('made a moment ago is accepted by an instance that has not heard of it, and never called wrong', async () => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'right', { authority });
    give(world, customer);
    expect(said(await world.verdict(customer.address, APP))).toBe('accepted');
    expect(world.platform.asked).toEqual([]);
    world.store.mode = 'gone';
    expect(said(await world.verdict(customer.address, APP))).toMatch(/^unavailable/);
    await close(world);
  });

  test('is not accepted any more once its revocation is heard, not even as known good; another one is', async () => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'right', { authority });
    give(world, customer);
    world.store.publish();
    expect(said(await world.verdict(customer.address, APP))).toBe('accepted');
    give(world, customer, OTHER);
    world.store.publish();
    expect(said(await world.verdict(customer.address, APP))).toBe('rejected secret');
    expect(said(await world.verdict(customer.address, OTHER))).toBe('accepted');
    await close(world);
  });

  test('revoked lately counts for no lock, from wherever a forgotten device sends it', async () => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'right', { authority });
    const forgotten = ['aaaa-aaaa-aaaa-aaaa', 'bbbb-bbbb-bbbb-bbbb', 'cccc-cccc-cccc-cccc'];
    world.store.put({ ...customer, revoked: forgotten.map((secret) => made(1, secret).digest) });
    world.store.publish();
    for (const secret of forgotten) {
      expect(said(await world.verdict(customer.address, secret))).toMatch(/^rejected secret|^unavailable (budget|overload|verifier)/);
      await world.clock.pass(61_000);
    }
    expect(world.signIn.explain(customer).distinct).toBe(0);
    expect(said(await world.verdict(customer.address, 'dddd-dddd-dddd-dddd'))).toBe('rejected secret');
    expect(world.signIn.explain(customer).distinct).toBe(1);
    await close(world);
  });

  test('does not make the account forget its last secrets', async () => {
    const world = await createWorld();
    const customer = enrol(world, 1, 'right', { authority });
    expect(said(await world.verdict(customer.address, 'right'))).toBe('accepted');
    const secrets = ['aaaa-aaaa-aaaa-aaaa', 'bbbb-bbbb-bbbb-bbbb', 'cccc-cccc-cccc-cccc', 'dddd-dddd-dddd-dddd'];
    world.store.put({ ...customer, credentialVersion: 2, hash: undefined, appPasswords: secrets.map((secret) => made(1, secret)) });
    world.store.publish();
    world.platform.secrets.set(customer.address, 'newer');
    for (const secret of secrets) expect(said(await world.verdict(customer.address, secret))).toBe('accepted');
    if (authority === 'old') {
      world.client.network = '203.0.113.9';
      expect(said(await world.verdict(customer.address, 'right'))).toBe('rejected secret');
      expect(world.signIn.explain({ ...customer, credentialVersion: 2 }).distinct).toBe(0);
    }
    await close(world);
  });
});

test('its use is written beside, at most hourly, and a store that is gone costs the note alone', async () => {
  const world = await createWorld();
  const customer = enrol(world, 1, 'right', { authority: 'ours' });
  give(world, customer);
  world.store.publish();
  world.store.mode = 'gone';
  for (let i = 0; i < 3; i += 1) expect(said(await world.verdict(customer.address, APP))).toBe('accepted');
  await world.clock.pass(61_000);
  expect(world.used).toEqual([]);
  world.store.mode = 'well';
  await world.clock.pass(60_000);
  expect(world.used).toEqual([7]);
  await world.verdict(customer.address, APP);
  await world.clock.pass(3_600_000);
  expect(world.used).toEqual([7]);
  await world.verdict(customer.address, APP);
  await world.clock.pass(61_000);
  expect(world.used).toEqual([7, 7]);
  await close(world);
});

describe('an instance that has heard nothing from the store for too long', () => {
  test('accepts only what a platform says now', async () => {
    const world = await createWorld();
    const ours = enrol(world, 1, 'right', { authority: 'ours' });
    const theirs = enrol(world, 2, 'right', { authority: 'old' });
    give(world, ours);
    world.store.publish();
    for (const { address } of [ours, theirs]) expect(said(await world.verdict(address, 'right'))).toBe('accepted');
    world.store.mode = 'gone';
    world.store.stale = true;
    expect(said(await world.verdict(ours.address, 'right'))).toBe('unavailable store');
    expect(said(await world.verdict(ours.address, APP))).toBe('unavailable store');
    expect(said(await world.verdict(theirs.address, 'right'))).toBe('accepted');
    world.platform.mode = 'dead';
    expect(said(await world.verdict(theirs.address, 'right'))).toMatch(/^unavailable/);
    world.store.mode = 'well';
    world.store.stale = false;
    expect(said(await world.verdict(ours.address, 'right'))).toBe('accepted');
    await close(world);
  });
});

describe('an account whose mail programs need app passwords', () => {
  const secondStep = { sealed: '', everywhere: true };

  test('lets in by its app passwords, and by its own secret at the portal alone; a right one elsewhere is neither wrong nor counted', async () => {
    const world = await createWorld();
    const customer = { ...enrol(world, 1, 'right', { authority: 'ours' }), secondStep };
    give(world, customer);
    world.store.publish();
    expect(said(await world.verdict(customer.address, APP))).toBe('accepted');
    for (let i = 0; i < 30; i += 1) expect(said(await world.verdict(customer.address, 'right'))).toBe('unavailable second-step');
    expect(world.sessions).toHaveLength(1);
    expect(said(await world.verdict(customer.address, 'wrong'))).toBe('rejected secret');
    world.client.protocol = 'webmail';
    expect(await world.verdict(customer.address, 'right')).toMatchObject({ verdict: 'accepted', customer: { secondStep: true } });
    await close(world);
    const seen = world.seen.map(({ protocol, outcome, means, times }) => `${protocol} ${outcome} ${means} ${times}`);
    expect(seen.toSorted()).toEqual(['imap accepted app-password 1', 'imap app-password-needed password 30', 'imap rejected none 1', 'webmail code-asked password 1']);
  });

  test('while mail programs may have the secret, the code is the portal’s alone', async () => {
    const world = await createWorld();
    const customer = { ...enrol(world, 1, 'right', { authority: 'ours' }), secondStep: { ...secondStep, everywhere: false } };
    world.store.put(customer);
    world.store.publish();
    expect(said(await world.verdict(customer.address, 'right'))).toBe('accepted');
    await close(world);
  });
});
