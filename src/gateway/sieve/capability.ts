/**
 * ManageSieve capabilities (RFC 5804 section 1.7): our own short list before sign-in, and after it the platform's own, less
 * what a gateway cannot carry.
 */

/**
 * What Pigeonhole and Cyrus have both by default. The list must be there before we can know whose platform it is, and
 * some clients never ask again: without it they would offer their user nothing but "keep". One that asks after sign-in
 * gets the platform's own; a script with what the platform lacks is refused by it, in words.
 */
const EXTENSIONS = 'fileinto reject envelope vacation imap4flags subaddress relational copy body variables date index';

/**
 * @param transport `clear`: STARTTLS has not happened, so there is no mechanism to sign in with
 * @returns lines without their ends
 */
export function ownCapabilities(transport: 'clear' | 'tls'): readonly string[] {
  return [
    '"IMPLEMENTATION" "Causeway"',
    `"SASL" "${transport === 'clear' ? '' : 'PLAIN'}"`,
    `"SIEVE" "${EXTENSIONS}"`,
    ...(transport === 'clear' ? ['"STARTTLS"'] : []),
    '"VERSION" "1.0"',
  ];
}

/** About signing in, which is over; UNAUTHENTICATE (section 2.14) would hand out a connection that belongs to nobody; XCLIENT is ours to say. */
const NOT_CARRIED = new Set(['SASL', 'STARTTLS', 'UNAUTHENTICATE', 'XCLIENT']);

/** @param name of a capability */
export function isCarried(name: string): boolean {
  return !NOT_CARRIED.has(name.toUpperCase());
}
