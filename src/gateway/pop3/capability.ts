/**
 * POP3 capabilities (RFC 2449): our own short list before sign-in, and after it the platform's own, less what a gateway
 * cannot carry.
 *
 * Invariant: there is never a line `SASL`, in trouble or not. A client that finds one presents its secret without a
 * USER before it, and then nobody can be turned away before the secret is sent, which is the only refusal at which
 * Thunderbird, K-9 and Evolution ask for no password.
 */

const BASE = ['TOP', 'UIDL', 'RESP-CODES', 'AUTH-RESP-CODE', 'PIPELINING', 'IMPLEMENTATION Causeway'];

/** @param transport `clear`: STLS has not happened, so nobody may sign in (RFC 2595 section 4) */
export function ownCapabilities(transport: 'clear' | 'tls'): readonly string[] {
  return [transport === 'clear' ? 'STLS' : 'USER', ...BASE];
}

/** About signing in, which is over; UTF8 (RFC 6856) is a mode that only the time before sign-in has; XCLIENT is ours to say. */
const NOT_CARRIED = new Set(['SASL', 'STLS', 'UTF8', 'XCLIENT', 'APOP', 'XTND']);

/** @param line of an answer to CAPA, without its line end */
export function isCarried(line: string): boolean {
  return !NOT_CARRIED.has((line.split(' ')[0] ?? '').toUpperCase());
}
