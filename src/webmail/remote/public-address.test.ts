import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPublicAddress } from './public-address.ts';

/** RFC 6890 and IANA's registries, as [first 32 bits, length]: written apart from what is tested. */
const INSIDE_4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.0.0.0', 24], ['192.0.2.0', 24],
  ['192.88.99.0', 24], ['192.168.0.0', 16], ['198.18.0.0', 15], ['198.51.100.0', 24], ['203.0.113.0', 24], ['224.0.0.0', 4], ['240.0.0.0', 4],
];
/** AS112 and AMT: refused too, and left out of "all else is public". */
const ALSO_4 = ['192.31.196.0', '192.52.193.0', '192.175.48.0'].map((net) => [net, 24] as const);

const numberOf = (dotted: string): number => dotted.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const dotted = (n: number): string => [24, 16, 8, 0].map((shift) => (n >>> shift) & 255).join('.');
const isIn = (n: number, [net, length]: readonly [string, number]): boolean => Math.floor(n / 2 ** (32 - length)) === Math.floor(numberOf(net) / 2 ** (32 - length));

const ipv4 = fc.nat({ max: 0xffff_ffff });
const inside4 = fc.constantFrom(...INSIDE_4, ...ALSO_4).chain(([net, length]) => fc.nat({ max: 2 ** (32 - length) - 1 }).map((low) => dotted(numberOf(net) + low)));
const groups = (n: number) => fc.array(fc.nat({ max: 0xffff }).map((group) => group.toString(16)), { minLength: n, maxLength: n });
const hex4 = (address: string): string => {
  const n = numberOf(address);
  return `${(n >>> 16).toString(16)}:${(n & 0xffff).toString(16)}`;
};

test('no IPv4 address of an inside is public, and all others are', () => {
  fc.assert(fc.property(inside4, (address) => !isPublicAddress(address)), { numRuns: 2_000 });
  fc.assert(
    fc.property(ipv4, (n) => {
      if (ALSO_4.some((net) => isIn(n, net))) return;
      expect(isPublicAddress(dotted(n)), dotted(n)).toBe(!INSIDE_4.some((net) => isIn(n, net)));
    }),
    { numRuns: 5_000 },
  );
});

test('the edges of each IPv4 range', () => {
  for (const [net, length] of INSIDE_4) {
    const first = numberOf(net);
    const last = first + 2 ** (32 - length) - 1;
    for (const n of [first, last]) expect(isPublicAddress(dotted(n)), dotted(n)).toBe(false);
    for (const n of [first - 1, last + 1]) {
      if (n < 0 || n > 0xffff_ffff || INSIDE_4.some((other) => isIn(n, other))) continue;
      expect(isPublicAddress(dotted(n)), dotted(n)).toBe(true);
    }
  }
});

test('no form of IPv6 in which an IPv4 address hides is public: mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP', () => {
  const prefix = groups(4).map((g) => ['2001', '4860', ...g.slice(2)].join(':'));
  fc.assert(
    fc.property(ipv4.map(dotted), groups(2), prefix, (address, more, net) => {
      for (const form of [`::ffff:${address}`, `::ffff:${hex4(address)}`, `::${address}`, `0:0:0:0:0:ffff:${address}`, `::ffff:0:${address}`, `64:ff9b::${address}`, `64:ff9b:1:${more[0]}::${address}`, `2002:${hex4(address)}::${more[0]}`, `2001:0:${hex4(address)}:${more.join(':')}::`, `${net}:0:5efe:${address}`, `${net}:200:5efe:${hex4(address)}`]) {
        expect(isPublicAddress(form), form).toBe(false);
      }
    }),
    { numRuns: 500 },
  );
});

test('IPv6 outside 2000::/3 is never public, whatever it is for; what is given out is', () => {
  fc.assert(
    fc.property(groups(8), (all) => {
      const first = Number.parseInt(all[0]!, 16);
      if (first >= 0x2000 && first < 0x4000) return;
      expect(isPublicAddress(all.join(':')), all.join(':')).toBe(false);
    }),
  );
  for (const address of ['::', '::1', 'fc00::1', 'fd12:3456::1', 'fe80::1', 'fec0::1', 'ff02::1', '100::1', '5f00::1', '2001:db8::1', '2001:10::1', '2001:20::1', '2002::1', '3fff::1', '3ffe::1', '2620:4f:8000::1']) expect(isPublicAddress(address), address).toBe(false);
  for (const address of ['2001:470::76:0:0:0:2', '2606:4700::1111', '2a00:1450:4001:81b::2004', '2001:4860:4860::8888', '2400:cb00::1']) expect(isPublicAddress(address), address).toBe(true);
});

test('what is no address, or has a zone, is not public', () => {
  fc.assert(fc.property(fc.string(), (text) => !isPublicAddress(`${text}x`)));
  for (const text of ['', 'localhost', '127.1', '0x7f000001', '2130706433', '0177.0.0.1', '8.8.8.8:80', '[2606:4700::1]', '2606:4700::1%eth0', 'fe80::1%1', ' 8.8.8.8']) expect(isPublicAddress(text), text).toBe(false);
});
