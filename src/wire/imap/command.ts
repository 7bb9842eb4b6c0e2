/** Commands as a client sends them (RFC 9051 section 2.2.1), read on the server's side. */
import { CausewayError } from '#errors/index.ts';
import { type Line, parseLine, type Token } from './tokens.ts';

/** `name` is upper case; with UID it is both words, `UID FETCH`. */
export type Command = { tag: string; name: string; args: Token[] };

/** A tag is what an atom of an astring is, but for `+` (RFC 9051 `tag`). */
const TAG = /^[^\0-\x20\x7f-\uffff(){%*"\\+]+(?= |$)/;

/** The tag of a line, to answer BAD to the rest of it; undefined when it begins with none. */
export function tagOf(line: Line): string | undefined {
  const first = line[0];
  return Buffer.isBuffer(first) ? TAG.exec(first.toString('latin1', 0, TAG_LIMIT + 1))?.[0] : undefined;
}

/** Clients use tags of 1 to 16 characters; each answer repeats it. */
const TAG_LIMIT = 255;

/** Throws CausewayError 'protocol' (or 'limit'); answer BAD, with `tagOf` or `*`. */
export function parseCommand(line: Line): Command {
  const tag = tagOf(line);
  if (tag === undefined || tag.length > TAG_LIMIT) throw new CausewayError('protocol', 'a command begins with a tag');
  for (const part of line) {
    // A NUL may not be sent at all. A lone CR would be a line end to some servers that a command is passed on to.
    if (Buffer.isBuffer(part) && (part.includes(0) || part.includes(13))) {
      throw new CausewayError('protocol', 'a NUL or a lone CR in a command');
    }
  }
  const tokens = parseLine(line);
  let name = word(tokens[1]);
  let rest = 2;
  if (name === 'UID') {
    name = `UID ${word(tokens[2])}`;
    rest = 3;
  }
  return { tag, name, args: tokens.slice(rest) };
}

function word(token: Token | undefined): string {
  if (token?.kind !== 'atom') throw new CausewayError('protocol', 'the name of a command is missing');
  return token.text.toUpperCase();
}
