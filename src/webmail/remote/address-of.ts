/**
 * The one address that a picture of a mail is fetched from.
 *
 * Invariants: a name is resolved here, once, and what is connected to is the address that was checked, so a name that
 * says something else a moment later (DNS rebinding) changes nothing. A name with one address inside is refused whole.
 * Names that only an inner resolver knows are not asked for. Ports are those of the web.
 */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { CausewayError } from '#errors/index.ts';
import { isPublicAddress } from './public-address.ts';

export type Reachable = { readonly address: string; readonly port: number };

export type Resolve = (name: string) => Promise<readonly string[]>;

/** A URL of an image server has some hundred; browsers' and servers' limits are at several thousand. */
export const URL_LIMIT = 4_096;

/** RFC 6761, 6762, 7686, 8375, and what networks name their insides; without a dot a name is of the resolver's own domain. */
const INSIDE = /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|lan|home|corp|private|onion|home\.arpa|in-addr\.arpa|ip6\.arpa|test|invalid)$/;

/** By the system's resolver, as all else here. */
export const resolveBySystem: Resolve = async (name) => (await lookup(name, { all: true, verbatim: true })).map(({ address }) => address);

/** Public, and not our own: what listens on our public addresses trusts who comes from here. */
export function mayReach(address: string): boolean {
  return isPublicAddress(address) && !Object.values(networkInterfaces()).flat().some((own) => own?.address === address);
}

/** @throws CausewayError `refused` for what is not to be fetched by anybody */
export function checkUrl(text: string): URL {
  const url = text.length <= URL_LIMIT && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['https:', 'http:'].includes(url.protocol)) throw refused('no URL of the web');
  if (url.username !== '' || url.password !== '') throw refused('a URL with a user');
  if (url.port !== '') throw refused('a port that is not of the web');
  return url;
}

/** @throws CausewayError `refused`; `unavailable` where the name has no address now */
export async function addressOf(url: URL, resolve: Resolve, allowed: (address: string) => boolean): Promise<Reachable> {
  // Odd notations (127.1, 0x7f000001, 2130706433) are dotted by the URL parser (WHATWG URL, 4.5 "IPv4 parser").
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const name = host.replace(/\.+$/, '').toLowerCase();
  if (isIP(host) === 0 && (!name.includes('.') || INSIDE.test(name))) throw refused('a name of an inside');
  const addresses = isIP(host) === 0 ? await resolve(name) : [host];
  const [address] = addresses;
  if (address === undefined) throw new CausewayError('unavailable', 'the name has no address');
  if (!addresses.every(allowed)) throw refused('an address that is not public');
  return { address, port: url.protocol === 'https:' ? 443 : 80 };
}

function refused(what: string): CausewayError {
  return new CausewayError('refused', `a picture is not fetched: ${what}`);
}
