/**
 * What a new secret must be: NIST SP 800-63B 5.1.1.2. A length, nothing that a stranger would try first, and no rules of
 * composition, which make people write `Password1!`. Pure.
 */
import { COMMON } from './common.ts';

/** As NIST; twelve are what a customer is advised to take. */
export const LEAST_LENGTH = 8;
export const ADVISED_LENGTH = 12;
/** What every platform, protocol and client that we met carries (Exim's and old crypt(3)s' limits are near it). */
const MOST_BYTES = 128;

export type NewSecretFault = { readonly fault: 'short' | 'long' | 'characters' | 'name' | 'common'; /** For the customer. */ readonly text: string };

/** @param names the account's address and login names; what it may be called is the first thing to be tried */
export function newSecretFault(secret: string, names: readonly string[]): NewSecretFault | undefined {
  // What a mail client cannot send, or trims, would lock the customer out: line ends end a command, NUL ends a string.
  if (/[\p{Cc}\uFFFD]/u.test(secret) || secret !== secret.trim()) {
    return { fault: 'characters', text: 'The password may not begin or end with a space, nor have line breaks or control characters in it.' };
  }
  if ([...secret].length < LEAST_LENGTH) return { fault: 'short', text: `The password must have at least ${LEAST_LENGTH} characters; ${ADVISED_LENGTH} are better.` };
  if (Buffer.byteLength(secret) > MOST_BYTES) return { fault: 'long', text: `The password may have at most ${MOST_BYTES} characters.` };
  const lower = secret.toLowerCase();
  const core = lower.replace(/[\d\p{P}\p{S}]{0,4}$/u, '');
  const forbidden = new Set(names.flatMap((name) => partsOf(name.toLowerCase())));
  if (forbidden.has(lower) || forbidden.has(core)) return { fault: 'name', text: 'The password must not be your name or address.' };
  if (COMMON.has(lower) || COMMON.has(core) || new Set(lower).size <= 2) {
    return { fault: 'common', text: 'This password is among the first that strangers try. Please choose another one.' };
  }
  return undefined;
}

/** `jane.doe@mail.example.org`: itself, what stands before the @, what after it, and the domain's own word. */
function partsOf(name: string): string[] {
  const at = name.lastIndexOf('@');
  if (at < 0) return [name];
  const domain = name.slice(at + 1);
  return [name, name.slice(0, at), domain, ...domain.split('.')];
}
