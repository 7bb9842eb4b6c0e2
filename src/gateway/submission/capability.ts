/**
 * EHLO's keywords (RFC 5321 section 4.1.1.1): our own short list before sign-in, and after it the platform's own, less
 * what a gateway cannot carry.
 *
 * Invariant: what is left out here is refused by the client framer, so that a client that never read the list cannot use
 * it either. Few clients say EHLO again once signed in, so the first list has only what every platform can do.
 */

/** What every server that takes submissions has had for twenty years. SIZE without a number: there is a limit, and the platform says it. */
const BASE = ['PIPELINING', 'SIZE', '8BITMIME', 'ENHANCEDSTATUSCODES'];

/**
 * LOGIN beside PLAIN: old Outlooks know no other. The list is the same before, during and after a move: a mechanism that
 * vanished makes Thunderbird ask for another authentication method.
 * @param transport `clear`: STARTTLS has not happened, so nobody may sign in (RFC 4954 section 4)
 */
export function ownKeywords(transport: 'clear' | 'tls'): readonly string[] {
  return [...BASE, transport === 'clear' ? 'STARTTLS' : 'AUTH PLAIN LOGIN'];
}

/**
 * About signing in, which is over; BDAT's bytes (and so BINARYMIME, RFC 3030) and BURL's other server (RFC 4468) are not
 * followed; who a client is, is ours to say; ETRN (RFC 1985) is for servers. `AUTH=` is what the first Outlooks read.
 */
const NOT_CARRIED = /^(?:AUTH|STARTTLS|CHUNKING|BINARYMIME|BURL|XCLIENT|XFORWARD|XEXCH50|X-EXPS|ETRN|ATRN|TURN)(?:[ =]|$)/i;

/** @param keyword a line of an answer to EHLO, without code and line end */
export function isCarried(keyword: string): boolean {
  return !NOT_CARRIED.test(keyword);
}
