/**
 * Responses as a server sends them (RFC 9051 section 7), read on the client's side.
 *
 * Invariants: human text is never parsed as tokens, so nothing in it can fail. A response code whose content is outside
 * of the grammar is given as one atom, not refused. NUL bytes and spaces before a response are skipped.
 */
import { CausewayError } from '#errors/index.ts';
import { type Line, parseLine, type Token } from './tokens.ts';

/** `[APPENDUID 1 2]`, `[PERMANENTFLAGS (\Seen \*)]`: the name in upper case, then what followed it. */
export type ResponseCode = { name: string; tokens: Token[] };

export type Response =
  | { kind: 'tagged'; tag: string; status: 'OK' | 'NO' | 'BAD'; code?: ResponseCode; text: string }
  | { kind: 'continuation'; text: string }
  | { kind: 'status'; status: 'OK' | 'NO' | 'BAD' | 'BYE' | 'PREAUTH'; code?: ResponseCode; text: string }
  /** `name` in upper case: LIST, FETCH, EXISTS. `number`: the one before the name, as in `* 5 FETCH (…)`. */
  | { kind: 'data'; name: string; number?: number; tokens: Token[] };

/** Throws CausewayError 'protocol' (or 'limit'). The text of the line stays out of the message: it may be mail. */
export function parseResponse(line: Line): Response {
  const first = line[0];
  if (!Buffer.isBuffer(first)) throw new CausewayError('protocol', 'a response begins with text');
  const text = first.subarray(startOf(first));
  if (text[0] === PLUS) return { kind: 'continuation', text: text.toString('utf8', text[1] === SPACE ? 2 : 1).trimEnd() };

  const [tag, afterTag] = wordAt(text, 0);
  const [word, afterWord] = wordAt(text, afterTag);
  const status = word.toUpperCase();
  if (tag === '*') {
    if (isStatus(status)) return { kind: 'status', status, ...parseStatusText(text.subarray(afterWord)) };
    return parseData(text, afterTag, line);
  }
  if (tag !== '' && (status === 'OK' || status === 'NO' || status === 'BAD')) {
    return { kind: 'tagged', tag, status, ...parseStatusText(text.subarray(afterWord)) };
  }
  throw new CausewayError('protocol', 'found a line that is no response');
}

function parseData(text: Buffer, start: number, line: Line): Response {
  let [name, at] = wordAt(text, start);
  let number: number | undefined;
  if (/^\d{1,10}$/.test(name)) {
    number = Number(name);
    [name, at] = wordAt(text, at);
  }
  if (!/^[A-Za-z]/.test(name)) throw new CausewayError('protocol', 'an untagged response has no name');
  const tokens = parseLine([text.subarray(at), ...line.slice(1)]);
  const data = { kind: 'data' as const, name: name.toUpperCase(), tokens };
  return number === undefined ? data : { ...data, number };
}

type StatusText = { code?: ResponseCode; text: string };

function parseStatusText(bytes: Buffer): StatusText {
  const text = bytes.toString().trim();
  if (!text.startsWith('[')) return { text };
  const end = endOfCode(text);
  if (end < 0) return { text };
  const content = text.slice(1, end).trim();
  const space = content.indexOf(' ');
  const name = (space < 0 ? content : content.slice(0, space)).toUpperCase();
  const rest = space < 0 ? '' : content.slice(space + 1).trim();
  return { code: { name, tokens: codeTokens(rest) }, text: text.slice(end + 1).trimStart() };
}

function codeTokens(content: string): Token[] {
  if (content === '') return [];
  try {
    return parseLine([Buffer.from(content)]);
  } catch {
    return [{ kind: 'atom', text: content }];
  }
}

/** The bracket that closes a code: the first outside of quotes and lists, or just the first when those do not close. */
function endOfCode(text: string): number {
  let depth = 0;
  let quoted = false;
  for (let at = 1; at < text.length; at += 1) {
    const character = text[at];
    if (quoted) {
      if (character === '\\') at += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    else if (character === ']' && depth <= 0) return at;
  }
  return text.indexOf(']');
}

const SPACE = 0x20;
const PLUS = 0x2b;

function startOf(text: Buffer): number {
  let at = 0;
  while (text[at] === SPACE || text[at] === 0) at += 1;
  return at;
}

/** The word at `start`, and where the text goes on after the spaces that follow it. */
function wordAt(text: Buffer, start: number): [word: string, next: number] {
  const space = text.indexOf(SPACE, start);
  if (space < 0) return [text.toString('latin1', start), text.length];
  let next = space;
  while (text[next] === SPACE) next += 1;
  return [text.toString('latin1', start, space), next];
}

function isStatus(word: string): word is 'OK' | 'NO' | 'BAD' | 'BYE' | 'PREAUTH' {
  return word === 'OK' || word === 'NO' || word === 'BAD' || word === 'BYE' || word === 'PREAUTH';
}
