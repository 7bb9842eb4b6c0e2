/**
 * Capabilities: our own short list before sign-in, and after it the platform's own, less what a gateway cannot carry.
 *
 * Invariant: what is left out here is refused by the client framer, so that a client that never read a capability list
 * cannot use it either.
 */

/**
 * Before sign-in. IMAP4rev1 leads, as clients expect. The list is the same before, during and after a move: a mechanism
 * that vanished makes Thunderbird ask for another authentication method. AUTH=LOGIN is left out: it adds nothing but
 * one more wrong attempt for each wrong password.
 */
const BASE = ['IMAP4rev1', 'SASL-IR', 'ID', 'LITERAL+'];

/** @param transport `clear`: STARTTLS has not happened, so nobody may sign in (RFC 9051 section 6.2.3) */
export function ownCapabilities(transport: 'clear' | 'tls'): string {
  return [...BASE, ...(transport === 'clear' ? ['STARTTLS', 'LOGINDISABLED'] : ['AUTH=PLAIN'])].join(' ');
}

/**
 * COMPRESS would blind the framer; UNAUTHENTICATE (RFC 8437) would hand out a connection that belongs to nobody; a
 * referral (RFC 2221, RFC 2193) leads around the gateway; the others are about signing in, which is over.
 */
const NOT_CARRIED = /^(?:COMPRESS=.*|UNAUTHENTICATE|LOGIN-REFERRALS|MAILBOX-REFERRALS|STARTTLS|AUTH=.*|SASL-IR|LOGINDISABLED)$/i;

/** As every server spells them; ours may come in upper case only. */
const SPELLING: ReadonlyMap<string, string> = new Map([
  ['IMAP4REV1', 'IMAP4rev1'],
  ['IMAP4REV2', 'IMAP4rev2'],
]);

/** The names that a signed-in client may see, in the platform's order and spelling. */
export function carriedCapabilities(names: Iterable<string>): string[] {
  return [...names].filter((name) => name !== '' && !NOT_CARRIED.test(name)).map((name) => SPELLING.get(name) ?? name);
}

const UNTAGGED = /^(\* CAPABILITY )(.*)$/is;
const CODE = /^(\S+ (?:OK|NO|BAD|PREAUTH|BYE) \[CAPABILITY )([^\]]*)(\].*)$/is;

/**
 * A line of the platform without its line end: `* CAPABILITY ...`, or a status with a CAPABILITY code, with the names
 * that we do not carry taken out. Undefined when it announces no capabilities.
 */
export function rewriteCapabilities(line: string): string | undefined {
  const [, before = '', names, after = ''] = UNTAGGED.exec(line) ?? CODE.exec(line) ?? [];
  return names === undefined ? undefined : before + carriedCapabilities(names.split(' ')).join(' ') + after;
}

/**
 * The largest non-synchronising literal that the platform takes (RFC 7888): we announce LITERAL+ before sign-in, and
 * a client may go on to use it without reading the list again.
 */
export function longestOpenLiteral(names: ReadonlySet<string>): number {
  if (names.has('LITERAL+')) return Number.POSITIVE_INFINITY;
  // RFC 7888 section 5; IMAP4rev2 (RFC 9051) contains LITERAL-.
  return names.has('LITERAL-') || names.has('IMAP4REV2') ? 4096 : 0;
}
