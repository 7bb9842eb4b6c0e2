/**
 * A ManageSieve command (RFC 5804 section 2): a name, then strings and numbers. Its strings may be literals, which a
 * client sends without waiting (`{n+}`, section 4).
 *
 * Invariant: a lone CR and a NUL outside of a literal make a line no command: servers differ on where it ends.
 */
import { CausewayError } from '#errors/index.ts';
import { type Line, parseLine, type Token } from '../imap/tokens.ts';

/** `name` is upper case. */
export type Command = { readonly name: string; readonly args: readonly Token[] };

/** The text of one line. A quoted string has at most 1,024 octets (section 4), and a command has two; PLAIN in base64 is longer. */
export const LINE_LIMIT = 8_192;

/** No command has more than two arguments. */
const LIMITS = { nesting: 0, tokens: 8 };
const NAME = /^[A-Z][A-Z0-9-]{0,31}$/;

/** Throws CausewayError 'protocol' or 'limit'; to be answered with NO. */
export function parseCommand(line: Line): Command {
  for (const part of line) {
    if (Buffer.isBuffer(part) && (part.includes(0) || part.includes(13))) {
      throw new CausewayError('protocol', 'a NUL or a lone CR in a command');
    }
  }
  const [first, ...args] = parseLine(line, LIMITS);
  const name = first?.kind === 'atom' ? first.text.toUpperCase() : '';
  if (!NAME.test(name)) throw new CausewayError('protocol', 'the name of a command is missing');
  return { name, args };
}

/** The name that a line begins with, in upper case, whatever follows it; '' when it begins with none. */
export function nameOf(line: Buffer): string {
  return /^[A-Za-z][A-Za-z0-9-]{0,31}(?= |$)/.exec(line.toString('latin1', 0, 40))?.[0].toUpperCase() ?? '';
}
