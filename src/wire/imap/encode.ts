/**
 * Writing IMAP words.
 *
 * Invariant: nothing here returns text with CR, LF or NUL in it, so no word can end a line and begin another command.
 */
import { CausewayError } from '#errors/index.ts';
import { encodeUtf7 } from './utf7.ts';

/** ATOM-CHAR of RFC 9051, in ASCII. */
const ATOM = /^[!#$&'+,\-./0-9:;<=>?@A-Z[^_`a-z|}~]+$/;

/** A quoted string. Throws CausewayError 'protocol' on CR, LF or NUL. Text above ASCII needs a server with UTF-8. */
export function quoted(value: string): string {
  if (!/[\r\n\0"\\]/.test(value)) return `"${value}"`;
  if (/[\r\n\0]/.test(value)) throw new CausewayError('protocol', 'CR, LF and NUL cannot stand in a quoted string');
  return `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** An atom where the value can be one, else a quoted string. Throws as `quoted` does. */
export function atomOrQuoted(value: string): string {
  return ATOM.test(value) && !/^NIL$/i.test(value) ? value : quoted(value);
}

/** A word that any server understands: text to write as it is, or bytes that must go as a literal. */
export function astring(value: string): string | Buffer {
  if (value.includes('\0')) throw new CausewayError('protocol', 'NUL cannot be sent');
  return /[^ -\x7f]/.test(value) ? Buffer.from(value) : atomOrQuoted(value);
}

/**
 * A mailbox name, quoted: in modified UTF-7, or as it is where UTF8=ACCEPT is on (RFC 6855). Modified UTF-7 carries
 * control characters encoded; else they throw as in `quoted`.
 */
export function mailboxName(name: string, { utf8 }: { utf8: boolean }): string {
  return quoted(utf8 ? name : encodeUtf7(name));
}
