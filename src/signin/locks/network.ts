/**
 * The network that a client's address counts for.
 *
 * Invariant: pure but for a bounded memory of addresses seen lately; whatever the operating system calls an address has
 * a network.
 */
import { isIP } from 'node:net';
import { createNetworkList, plainAddress } from '#net/networks.ts';
import { createBoundedMap } from '../load/bounded-map.ts';
import type { Digests } from './digests.ts';

export type NetworkSettings = {
  /** 32: each address by itself. */
  readonly ipv4Prefix: number;
  /** 56: what a home gets (RIPE-690, 4.2). */
  readonly ipv6Prefix: number;
  /** `100.64.0.0/10`: networks behind whose addresses many subscribers are, beside those of `ALWAYS_SHARED`. */
  readonly sharedRanges: readonly string[];
};

/**
 * This machine (a webmail, a proxy without the PROXY header), the carriers' own range (RFC 6598), and the servers from
 * which Outlook for phones signs in, for all of its users (Microsoft's list of endpoints has them under Outlook mobile).
 * Which public addresses a country's carriers put their subscribers behind is known there: `locks.sharedRanges`.
 */
const ALWAYS_SHARED: readonly string[] = ['127.0.0.0/8', '::1', '100.64.0.0/10', '52.125.128.0/20', '52.127.96.0/23'];

export type Network = {
  /** For people: `192.0.2.1`, `192.0.2.0/24`, `2001:db8:0:100::/56`. */
  readonly text: string;
  readonly key: number;
  /** The shared range that it is in. */
  readonly shared: number | undefined;
};

/** Addresses whose network is remembered, so that the next sign-in from there parses nothing: those of an hour. */
const ADDRESSES = 20_000;

export function createNetworkOf(settings: NetworkSettings, digests: Digests): (address: string) => Network {
  const seen = createBoundedMap<string, Network>(ADDRESSES);
  const ranges = [...ALWAYS_SHARED, ...settings.sharedRanges].map((range) => ({ key: digests.network(`range ${range}`), list: createNetworkList([range]) }));
  return (address) => {
    const before = seen.get(address);
    if (before !== undefined) return before;
    const text = networkText(address, settings);
    const network = { text, key: digests.network(text), shared: ranges.find(({ list }) => list.has(address))?.key };
    seen.set(address, network);
    return network;
  };
}

export function networkText(address: string, { ipv4Prefix, ipv6Prefix }: Pick<NetworkSettings, 'ipv4Prefix' | 'ipv6Prefix'>): string {
  const plain = plainAddress(address);
  switch (isIP(plain)) {
    case 4: {
      if (ipv4Prefix === 32) return plain;
      return `${cut(plain.split('.').map(Number), 8, ipv4Prefix).join('.')}/${ipv4Prefix}`;
    }
    case 6: {
      const kept = cut(groupsOf(plain), 16, ipv6Prefix).slice(0, Math.ceil(ipv6Prefix / 16));
      return `${kept.map((group) => group.toString(16)).join(':')}${kept.length < 8 ? '::' : ''}/${ipv6Prefix}`;
    }
    default:
      return plain;
  }
}

/** Keeps the first `prefix` bits of numbers of `width` bits each. */
function cut(parts: readonly number[], width: number, prefix: number): number[] {
  return parts.map((part, at) => {
    const dropped = Math.min(width, Math.max(0, (at + 1) * width - prefix));
    return (part >> dropped) << dropped;
  });
}

/** The eight groups of an IPv6 address that `isIP` has passed; a zone (`%eth0`) is no part of a network. */
function groupsOf(address: string): number[] {
  const [head = [], tail] = address.split('%')[0]!.split('::').map(groups);
  return tail === undefined ? head : [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

function groups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}
