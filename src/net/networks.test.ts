import { BlockList, isIPv6, SocketAddress } from 'node:net';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createNetworkList, plainAddress, subscriberOf } from './networks.ts';

test('a list knows its networks, whichever way an address is written', () => {
  const list = createNetworkList(['10.0.0.0/8', '127.0.0.1', '2001:db8::/32', '::1']);
  for (const inside of ['10.255.0.1', '127.0.0.1', '::ffff:10.1.2.3', '2001:db8:1::2', '::1']) expect([inside, list.has(inside)]).toEqual([inside, true]);
  for (const outside of ['11.0.0.1', '127.0.0.2', '::ffff:11.1.2.3', '2001:db9::1', '::2', '', 'joe', '10.0.0.0/8']) expect([outside, list.has(outside)]).toEqual([outside, false]);
});

test('nothing is in an empty list', () => {
  expect(createNetworkList([]).has('127.0.0.1')).toBe(false);
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:0:12ff::7', '2001:db8:0:1200::/56'],
  ['2001:db8::7', '2001:db8:0:0::/56'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:0::/56'],
  ['::1', '0:0:0:0::/56'],
  ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/56'],
  ['fe80::1%eth0', 'fe80:0:0:0::/56'],
  ['', ''],
])('%j counts for %j', (address, subscriber) => {
  expect(subscriberOf(address)).toBe(subscriber);
});

test('any IPv6 address lies in the network that it counts for', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const address = new SocketAddress({ address: text, family: 'ipv6' }).address;
      fc.pre(isIPv6(plainAddress(address)));
      const [base = '', prefix] = subscriberOf(address).split('/');
      const list = new BlockList();
      list.addSubnet(base, Number(prefix), 'ipv6');
      expect(list.check(address, 'ipv6')).toBe(true);
    }),
  );
});
