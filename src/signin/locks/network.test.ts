import * as fc from 'fast-check';
import { isIPv6 } from 'node:net';
import { expect, test } from 'vitest';
import { createDigests } from './digests.ts';
import { createNetworkOf, networkText } from './network.ts';

const usual = { ipv4Prefix: 32, ipv6Prefix: 56 };

test.each([
  ['192.0.2.1', usual, '192.0.2.1'],
  ['::ffff:192.0.2.1', usual, '192.0.2.1'],
  ['192.0.2.201', { ...usual, ipv4Prefix: 24 }, '192.0.2.0/24'],
  ['192.0.2.201', { ...usual, ipv4Prefix: 26 }, '192.0.2.192/26'],
  ['2001:db8:0:1ff:1:2:3:4', usual, '2001:db8:0:100::/56'],
  ['2001:db8::1', usual, '2001:db8:0:0::/56'],
  ['fe80::1%eth0', usual, 'fe80:0:0:0::/56'],
  ['::1', usual, '0:0:0:0::/56'],
  ['2001:db8:1:2:3:4:5:6', { ...usual, ipv6Prefix: 48 }, '2001:db8:1::/48'],
  ['64:ff9b::192.0.2.1', { ...usual, ipv6Prefix: 64 }, '64:ff9b:0:0::/64'],
  ['no address', usual, 'no address'],
])('%s with %o counts for %s', (address, settings, expected) => {
  expect(networkText(address, settings)).toBe(expected);
});

test('every IPv6 address of a home is one network, and the next home is another', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      fc.pre(isIPv6(address) && !/^::ffff:[\d.]+$/.test(address));
      const text = networkText(address, usual);
      const inside = text.replace('::/56', '');
      expect(networkText(`${inside}:ffff:ffff:ffff:ffff`, usual)).toBe(text);
      const groups = inside.split(':');
      const next = ((Number.parseInt(groups[3]!, 16) ^ 0x0100) & 0xffff).toString(16);
      expect(networkText(`${groups.slice(0, 3).join(':')}:${next}::1`, usual)).not.toBe(text);
    }),
  );
});

test('shared ranges are told, ours and the listed ones', () => {
  const networkOf = createNetworkOf({ ...usual, sharedRanges: ['203.0.113.0/24', '2001:db8::/32'] }, createDigests(Buffer.alloc(32)));
  expect(networkOf('203.0.113.1').shared).toBe(networkOf('203.0.113.2').shared);
  expect(networkOf('203.0.113.1').key).not.toBe(networkOf('203.0.113.2').key);
  for (const shared of ['203.0.113.1', '2001:db8::1', '127.0.0.1', '::1', '100.64.3.4', '::ffff:100.64.3.4']) expect(networkOf(shared).shared).toBeDefined();
  for (const own of ['192.0.2.1', '2001:db9::1', '10.0.0.1']) expect(networkOf(own).shared).toBeUndefined();
});
