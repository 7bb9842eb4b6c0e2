/** Networks: lists of them, and the network that an address counts for. */
import { BlockList, isIP } from 'node:net';

/** IPv4 in IPv6, as a listener on both sees it. */
const MAPPED = /^::ffff:(?=[\d.]+$)/;

/** @param address as the operating system writes it; IPv4 comes out as IPv4 also where the listener speaks both */
export function plainAddress(address: string): string {
  return address.replace(MAPPED, '');
}

export type NetworkList = { has(address: string): boolean };

/** @param networks checked already: `10.0.0.0/8`, `127.0.0.1`, `2001:db8::/32` */
export function createNetworkList(networks: readonly string[]): NetworkList {
  // Asked for each connection, and most lists are empty.
  if (networks.length === 0) return { has: () => false };
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return {
    has(address) {
      const plain = plainAddress(address);
      const version = isIP(plain);
      return version !== 0 && list.check(plain, version === 6 ? 'ipv6' : 'ipv4');
    },
  };
}

/**
 * What one subscriber has: an IPv4 address, or an IPv6 /56 (RIPE-690 section 4.2: providers give a home /56 or /48; with
 * a single address of it counted, each home would be 2^72 strangers).
 * @param address as the operating system writes it
 */
export function subscriberOf(address: string): string {
  const plain = plainAddress(address);
  if (isIP(plain) !== 6) return plain;
  const [head = '', tail] = plain.split('%')[0]!.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  // A dotted end stands for two groups; a /56 never reaches it.
  const width = before.length + after.length + (plain.includes('.') ? 1 : 0);
  const groups = tail === undefined ? before : [...before, ...Array<string>(8 - width).fill('0'), ...after];
  const [a, b, c, d] = groups.slice(0, 4).map((group) => Number.parseInt(group, 16));
  return `${[a, b, c, (d ?? 0) & 0xff00].map((group) => (group ?? 0).toString(16)).join(':')}::/56`;
}
