/**
 * One form for each name. Invariant: login names and recipients are stored and looked up in lower case (the local
 * part too: RFC 5321 2.4 lets a domain's own host decide, and every platform that we met ignores its case).
 */

/** RFC 5321 4.5.3.1: 64 octets of local part, "@", 255 of domain. */
export const NAME_LIMIT = 320;

/** The form under which a login name or an address is stored. */
export function canonical(name: string): string {
  return name.trim().toLowerCase();
}

/** Whether a name can be stored at all: neither empty nor over-long, no white space, no control characters. */
export function isName(name: string): boolean {
  return name.length > 0 && name.length <= NAME_LIMIT && !/[\s\p{Cc}]/u.test(name);
}

/** Whether it is a name with a local part and a domain. */
export function isAddress(name: string): boolean {
  return isName(name) && /^[^@]+@[^@]+$/.test(name);
}

/** Whether it can receive: an address, or `@domain`, which catches what no other recipient of the domain does. */
export function isRecipient(name: string): boolean {
  return isName(name) && /^[^@]*@[^@]+$/.test(name);
}

/**
 * The stored names that may receive for an address, in the order of preference: the address itself, the address
 * without `+ext` (RFC 5233 sub-addressing), the domain's catch-all.
 */
export function recipientCandidates(address: string): string[] {
  const whole = canonical(address);
  const at = whole.lastIndexOf('@');
  if (at < 1) return [whole];
  const domain = whole.slice(at);
  const plus = whole.indexOf('+');
  // A plus at the very start names nobody: "+ext@domain" has no base.
  return plus > 0 && plus < at ? [whole, whole.slice(0, plus) + domain, domain] : [whole, domain];
}
