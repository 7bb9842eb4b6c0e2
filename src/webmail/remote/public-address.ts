/**
 * Whether an address is one of the public Internet, which is where pictures of mails are and our own systems are not.
 *
 * Invariants: an address passes by being known as public, never by not being known as private: IPv6 only from 2000::/3,
 * of which alone global addresses are given out (RFC 4291 section 2.4, IANA's registry), so what is mapped, translated
 * (NAT64), local or multicast falls away without being named. Forms in which an IPv4 address hides in a global one (6to4,
 * Teredo, ISATAP) are refused, also where what hides is public. What is no address is refused.
 */
import { isIP } from 'node:net';
import { createNetworkList } from '#net/networks.ts';

/** IANA IPv4 Special-Purpose Address Registry, with multicast (RFC 5771) and class E (RFC 1112 section 4). */
const NOT_PUBLIC_4 = createNetworkList([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]);

const GLOBAL_6 = createNetworkList(['2000::/3']);

/** Within it: protocols' own with Teredo (RFC 2928), documentation, 6to4 (RFC 3056), AS112, 6bone's former one. */
const NOT_PUBLIC_6 = createNetworkList(['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3ffe::/16', '3fff::/20']);

/** RFC 5214 section 6.1: an interface identifier that holds an IPv4 address. */
const ISATAP = /^(?:0|200):5efe$/;

/** @param address as a resolver or the URL parser writes it, without brackets */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 4) return !NOT_PUBLIC_4.has(address);
  // A zone names an interface of ours.
  if (version !== 6 || address.includes('%')) return false;
  return GLOBAL_6.has(address) && !NOT_PUBLIC_6.has(address) && !ISATAP.test(groupsOf(address).slice(4, 6).join(':'));
}

/** The eight groups in hexadecimal, without leading zeros. @param address an IPv6 address */
function groupsOf(address: string): readonly string[] {
  // The URL parser writes addresses in one form, without dots (WHATWG URL, 4.5 "IPv6 serializer").
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  return tail === undefined ? before : [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
}
