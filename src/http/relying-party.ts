/**
 * For which site passkeys are made (WebAuthn Level 3, 5.1.3: the relying party's id is a domain, never an address).
 *
 * Invariant: what a request says of its host counts for nothing but this machine's own name: else who brings customers to
 * another host name would choose the site that their keys answer to.
 */
import { isIP } from 'node:net';

export type RelyingParty = { readonly id: string; readonly origin: string };

/** @param url where customers find the portal, if that is configured @param host of the request @returns undefined where there can be no passkeys */
export function relyingPartyOf(url: string | undefined, host: string | undefined, encrypted: boolean): RelyingParty | undefined {
  const isNamed = url !== undefined;
  const origin = URL.parse(url ?? `${encrypted ? 'https' : 'http'}://${host ?? ''}`);
  if (origin === null) return undefined;
  const { hostname } = origin;
  const isOwn = hostname === 'localhost' || hostname.endsWith('.localhost');
  if (!isNamed && !isOwn) return undefined;
  // A browser makes none in clear, but for its own machine; nor for an address (`[::1]` is what URL makes of one).
  if ((origin.protocol !== 'https:' && !isOwn) || isIP(hostname.replaceAll(/[[\]]/g, '')) !== 0) return undefined;
  return { id: hostname, origin: origin.origin };
}
