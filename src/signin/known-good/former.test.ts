import { expect, test } from 'vitest';
import { fakeHash } from '../fake-hasher.testing.ts';
import { createWorld, enrol, type World } from '../testing.ts';

const close = async (world: World): Promise<void> => {
  const closing = world.signIn.close();
  await world.clock.pass(10_000);
  await closing;
};
const said = (verdict: { verdict: string; reason?: string }): string => [verdict.verdict, verdict.reason].filter(Boolean).join(' ');

test.each(['ours', 'old'] as const)('authority %s: the two secrets before, never seen here, count for no lock from anywhere', async (authority) => {
  const world = await createWorld();
  const customer = enrol(world, 1, 'third', { authority, former: [fakeHash('second'), fakeHash('first')] });
  for (let i = 0; i < 40; i += 1) {
    world.client.network = `192.0.2.${i % 3}`;
    expect(said(await world.verdict(customer.address, i % 2 === 0 ? 'second' : 'first'))).toMatch(/^rejected|^unavailable (budget|verifier)/);
    await world.clock.pass(61_000);
  }
  expect(world.signIn.explain(customer)).toMatchObject({ distinct: 0, closed: undefined });
  // A guess does.
  world.client.network = '192.0.2.0';
  expect(said(await world.verdict(customer.address, 'guess'))).toBe('rejected secret');
  expect(world.signIn.explain(customer).distinct).toBe(1);
  await close(world);
});

test('each wrong secret is compared with them once, and one that cannot be compared gets no verdict', async () => {
  const world = await createWorld();
  const customer = enrol(world, 1, 'right', { authority: 'ours', former: [fakeHash('second'), fakeHash('first')] });
  await world.verdict(customer.address, 'guess');
  const { checks } = world.hasher;
  expect(checks).toBe(3);
  for (let i = 0; i < 5; i += 1) expect(said(await world.verdict(customer.address, 'guess'))).toBe('rejected secret');
  expect(world.hasher.checks).toBe(checks);
  expect(world.signIn.explain(customer).distinct).toBe(1);
  const other = enrol(world, 2, 'right', { authority: 'old', hashed: false, former: [fakeHash('second')] });
  world.hasher.mode = 'full';
  expect(said(await world.verdict(other.address, 'guess'))).toBe('unavailable overload');
  expect(world.signIn.explain(other).distinct).toBe(0);
  await close(world);
});

test('what an imported hash could not prove is proven by the platform, and kept as captured', async () => {
  const world = await createWorld();
  const customer = enrol(world, 1, 'right', { authority: 'old' });
  expect(said(await world.verdict(customer.address, 'right'))).toBe('accepted');
  await world.clock.pass(10_000);
  expect(world.stored).toMatchObject([{ accountId: 1, origin: 'captured' }]);
  world.store.publish();
  expect(said(await world.verdict(customer.address, 'right'))).toBe('accepted');
  await world.clock.pass(20 * 60_000);
  expect(said(await world.verdict(customer.address, 'right'))).toBe('accepted');
  await world.clock.pass(10_000);
  expect(world.stored).toHaveLength(1);
  await close(world);
});

test('a captured hash is proven once a day by what the platform accepts, and by nothing else that it accepts', async () => {
  const world = await createWorld();
  const customer = enrol(world, 1, 'right', { authority: 'old', hash: { encoded: fakeHash('right'), origin: 'captured' } });
  const day = async (secret: string): Promise<void> => {
    for (let i = 0; i < 4; i += 1) {
      expect(said(await world.verdict(customer.address, secret))).toBe('accepted');
      await world.clock.pass(6 * 3_600_000);
    }
  };
  await day('right');
  expect(world.proven).toEqual([1]);
  await day('right');
  expect(world.proven).toEqual([1, 1]);
  // The platform takes another one: an app password of its own, say. Ours is still held, and not proven by it.
  world.store.put({ ...customer, hash: { encoded: fakeHash('another'), origin: 'captured' } });
  world.store.publish();
  await day('right');
  expect(world.proven).toEqual([1, 1]);
  await close(world);
});

test('a renamed account is checked, and sent on, under the name that its platform knows', async () => {
  const world = await createWorld();
  const customer = enrol(world, 1, 'right', { authority: 'old', hashed: false, platformLogins: { old: 'maiden@example' } });
  world.platform.secrets.set('maiden@example', 'right');
  world.platform.secrets.delete(customer.address);
  expect(await world.verdict(customer.address, 'right')).toMatchObject({ verdict: 'accepted', address: 'maiden@example' });
  expect(world.platform.asked).toMatchObject([{ login: 'maiden@example' }]);
  await close(world);
});
