import { expect, test } from 'vitest';
import { createWorld, enrol } from '../testing.ts';
import { createNetworkCheck, packNetworks } from './known-networks.ts';

test('knows all that are in it, and few others', () => {
  const random = (i: number): number => (i * 0x9e37_79b9_7f4a) % 2 ** 48;
  const bits = packNetworks(Array.from({ length: 20_000 }, (_, i) => random(i + 1)));
  const key = Buffer.alloc(32, 1).toString('base64');
  const check = createNetworkCheck({ key, bits: bits.toString('base64'), ipv4Prefix: 32, ipv6Prefix: 56 });
  let taken = 0;
  for (let i = 0; i < 10_000; i++) if (check.knows(`10.0.${i >> 8}.${i & 255}`)) taken += 1;
  expect(taken / 10_000).toBeLessThan(0.03);
  for (let i = 0; i < 1_000; i++) check.add(`10.1.${i >> 8}.${i & 255}`);
  for (let i = 0; i < 1_000; i++) expect(check.knows(`10.1.${i >> 8}.${i & 255}`)).toBe(true);
});

test('sign-in tells the networks from which somebody came in', async () => {
  const world = await createWorld();
  const customer = enrol(world, 1, 'right', { hashed: false });
  world.client.network = '2001:db8:1:200::7';
  await world.verdict(customer.address, 'right');
  world.client.network = '192.0.2.9';
  await world.verdict(customer.address, 'wrong');
  const check = createNetworkCheck(world.signIn.knownNetworks());
  expect(['2001:db8:1:2ff::1', '192.0.2.9', '2001:db8:1:300::7'].map(check.knows)).toEqual([true, false, false]);
});
