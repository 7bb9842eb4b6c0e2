/**
 * Writing ManageSieve strings (RFC 5804 section 4).
 *
 * Invariant: a quoted string has no CR, LF or NUL in it and at most 1,024 octets; all else goes as a literal, so no string
 * can end a line and begin another command.
 */

/** `1024 octets` of `quoted` in section 4. */
const QUOTED_LIMIT = 1_024;

const CRLF = '\r\n';

/** @param from who sends it: a client's literals are `{n+}`, a server's `{n}` */
export function literal(bytes: Buffer, from: 'client' | 'server'): Buffer {
  return Buffer.concat([Buffer.from(`{${bytes.length}${from === 'client' ? '+' : ''}}${CRLF}`), bytes]);
}

/** A string in its shorter form, in UTF-8. */
export function encodeString(text: string, from: 'client' | 'server'): Buffer {
  const quoted = Buffer.from(`"${text.replaceAll(/["\\]/g, '\\$&')}"`);
  const fits = quoted.length <= QUOTED_LIMIT + 2 && !/[\0\r\n]/.test(text);
  return fits ? quoted : literal(Buffer.from(text), from);
}
