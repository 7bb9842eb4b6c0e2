/**
 * Which networks had a success lately, for those who must know it at once for thousands of connections: a Bloom filter
 * over keyed digests.
 *
 * Invariants: a network that had one is always known here; of the others one in some 60 is taken for known. Nothing in it
 * can be read back; its key makes digests of networks, and of nothing else. Bounded.
 */
import { createMac } from './mac.ts';
import { networkText } from '../locks/network.ts';

/** As it goes to a worker; `key` and `bits` in base64. */
export type KnownNetworks = { readonly key: string; readonly bits: string; readonly ipv4Prefix: number; readonly ipv6Prefix: number };

export type NetworkCheck = { knows(address: string): boolean; add(address: string): void };

/** Bits for each network, and how many of them each sets: one in 60 others is taken for one that is in it. */
const BITS_EACH = 10;
const HASHES = 4;
/** 1 MB: 800,000 networks, those of 100,000 accounts with some over. Beyond that more strangers are taken for known. */
const MOST_BITS = 2 ** 23;
const LEAST_BITS = 2 ** 10;
const HALF = 2 ** 24;

/** @param networks digests of 48 bits */
export function packNetworks(networks: readonly number[]): Buffer {
  const bits = Math.min(MOST_BITS, Math.max(LEAST_BITS, 2 ** Math.ceil(Math.log2(networks.length * BITS_EACH))));
  const filter = Buffer.alloc(bits / 8);
  for (const network of networks) set(filter, network);
  return filter;
}

export function createNetworkCheck({ key, bits, ...prefixes }: KnownNetworks): NetworkCheck {
  const filter = Buffer.from(bits, 'base64');
  const mac = createMac(Buffer.from(key, 'base64'));
  const digest = (address: string): number => mac(networkText(address, prefixes)).readUIntBE(0, 6);
  return {
    knows: (address) => places(filter, digest(address)).every((place) => (filter[place >> 3]! & (1 << (place & 7))) !== 0),
    add: (address) => set(filter, digest(address)),
  };
}

function set(filter: Buffer, network: number): void {
  for (const place of places(filter, network)) filter[place >> 3]! |= 1 << (place & 7);
}

/** Kirsch and Mitzenmacher: two hashes make as many as are wanted. */
function places(filter: Buffer, network: number): number[] {
  const [high, low] = [Math.floor(network / HALF), network % HALF];
  return Array.from({ length: HASHES }, (_, at) => (high + at * (low | 1)) % (filter.length * 8));
}
