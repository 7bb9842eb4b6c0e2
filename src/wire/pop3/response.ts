/**
 * The first line of a POP3 answer (RFC 1939 section 3), with its response code (RFC 2449 section 8, RFC 3206).
 *
 * Invariant: a line is an answer only if it begins with `+OK` or `-ERR` and then ends or goes on with a space.
 */

/** `code` in upper case: `AUTH`, `SYS/TEMP`, `IN-USE`. */
export type Status = { readonly ok: boolean; readonly code: string | undefined; readonly text: string };

/** RFC 2449 section 4: at most 512 octets with CRLF. Servers have put more behind it; this much is no sentence any more. */
export const STATUS_LIMIT = 4_096;

const STATUS = /^(\+OK|-ERR)(?: +(.*)| *)$/is;
const CODE = /^\[([A-Z0-9/_-]{1,64})\] ?(.*)$/is;

/** @param line without its line end @returns undefined for a line that is no answer */
export function parseStatus(line: Buffer): Status | undefined {
  const [, sign, text = ''] = STATUS.exec(line.toString('utf8')) ?? [];
  if (sign === undefined) return undefined;
  const [, code, rest = ''] = CODE.exec(text) ?? [];
  const ok = sign.startsWith('+');
  return code === undefined ? { ok, code, text } : { ok, code: code.toUpperCase(), text: rest };
}
