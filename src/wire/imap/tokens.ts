/**
 * The tokens of a logical IMAP line: atoms, strings and parenthesised lists (RFC 9051 section 4).
 *
 * Invariants: never recurses, reads each byte once, and holds no more than `tokens` tokens in lists no deeper than
 * `nesting`. It accepts more than the grammar does (missing or doubled spaces, 8-bit bytes in quoted strings and
 * atoms), because servers send it; which words are right is for the callers.
 */
import { CausewayError } from '#errors/index.ts';

/**
 * An atom is any run of characters outside of quotes: numbers, NIL, flags, sequence sets, `*`,
 * `BODY[HEADER.FIELDS (A B)]<0>`. One with bytes above 127 is given as a string, so that none is lost.
 */
export type Token = { kind: 'atom'; text: string } | { kind: 'string'; bytes: Buffer } | { kind: 'list'; items: Token[] };

/** Text pieces and literals of one logical line, in their order. */
export type Line = (Buffer | { literal: Buffer })[];

/**
 * `nesting`: BODYSTRUCTURE opens two or three lists for each level of multipart; real mail stays below 15.
 * `tokens`: a SEARCH answer over a million messages; a reader's line limit usually bites long before.
 */
export const TOKEN_LIMITS = { nesting: 50, tokens: 1_000_000 };

const SPACE = 0x20;
const QUOTE = 0x22;
const OPEN = 0x28;
const CLOSE = 0x29;
const OPEN_SECTION = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_SECTION = 0x5d;

/** Items whose bracketed section holds spaces and lists, yet is one word. Elsewhere `[` is a plain character. */
const SECTIONED = /^(?:BODY|BODY\.PEEK|BINARY|BINARY\.PEEK|BINARY\.SIZE)$/i;

/** Throws CausewayError 'protocol' on what is no line, 'limit' on one beyond the limits. */
export function parseLine(line: Line, limits: { nesting: number; tokens: number } = TOKEN_LIMITS): Token[] {
  const stack: Token[][] = [];
  let items: Token[] = [];
  let count = 0;
  let section = ''; // the unfinished BODY[… that goes on after a literal

  function add(token: Token): void {
    count += 1;
    if (count > limits.tokens) throw new CausewayError('limit', `a line of more than ${limits.tokens} tokens`);
    items.push(token);
  }

  function parseText(text: Buffer): void {
    let at = 0;
    if (section !== '') at = parseSection(text, 0);
    while (at < text.length) {
      const byte = text[at];
      if (byte === SPACE) {
        at += 1;
      } else if (byte === OPEN) {
        if (stack.length >= limits.nesting) {
          throw new CausewayError('limit', `lists nested deeper than ${limits.nesting}`);
        }
        const inner: Token[] = [];
        add({ kind: 'list', items: inner });
        stack.push(items);
        items = inner;
        at += 1;
      } else if (byte === CLOSE) {
        const outer = stack.pop();
        if (outer === undefined) throw new CausewayError('protocol', 'a list is closed that was not opened');
        items = outer;
        at += 1;
      } else if (byte === QUOTE) {
        const end = endOfQuoted(text, at);
        add({ kind: 'string', bytes: unquote(text, at, end) });
        at = end + 1;
      } else {
        at = parseAtom(text, at);
      }
    }
  }

  function parseAtom(text: Buffer, start: number): number {
    let at = start;
    let highest = 0;
    for (; at < text.length; at += 1) {
      const byte = text[at] ?? 0;
      if (byte === SPACE || byte === OPEN || byte === CLOSE) break;
      if (byte > highest) highest = byte;
      if (byte === OPEN_SECTION && at - start <= 11 && SECTIONED.test(text.toString('latin1', start, at))) {
        section = text.toString('latin1', start, at + 1);
        return parseSection(text, at + 1);
      }
    }
    if (highest > 127) add({ kind: 'string', bytes: text.subarray(start, at) });
    else add({ kind: 'atom', text: text.toString('latin1', start, at) });
    return at;
  }

  /** The rest of an atom from within its brackets. Leaves `section` set when a literal goes on with it. */
  function parseSection(text: Buffer, start: number): number {
    let at = start;
    while (at < text.length && text[at] !== CLOSE_SECTION) {
      at = text[at] === QUOTE ? endOfQuoted(text, at) + 1 : at + 1;
    }
    if (at === text.length) {
      section += text.toString('utf8', start, at);
      return at;
    }
    while (at < text.length && text[at] !== SPACE && text[at] !== OPEN && text[at] !== CLOSE) at += 1;
    add({ kind: 'atom', text: section + text.toString('utf8', start, at) });
    section = '';
    return at;
  }

  for (const part of line) {
    if (Buffer.isBuffer(part)) {
      parseText(part);
    } else if (section === '') {
      add({ kind: 'string', bytes: part.literal });
    } else {
      section += `"${part.literal.toString().replaceAll(/["\\]/g, '\\$&')}"`;
    }
  }
  if (section !== '') throw new CausewayError('protocol', 'a section is not closed');
  if (stack.length > 0) throw new CausewayError('protocol', 'a list is not closed');
  return items;
}

/** Where the quoted string that begins at `start` has its closing quote. */
function endOfQuoted(text: Buffer, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === QUOTE) return at;
    if (text[at] === BACKSLASH) at += 1;
  }
  throw new CausewayError('protocol', 'a quoted string is not closed');
}

function unquote(text: Buffer, start: number, end: number): Buffer {
  const inner = text.subarray(start + 1, end);
  if (!inner.includes(BACKSLASH)) return inner;
  const plain = Buffer.allocUnsafe(inner.length);
  let length = 0;
  for (let at = 0; at < inner.length; at += 1) {
    if (inner[at] === BACKSLASH) at += 1;
    plain[length] = inner[at] ?? 0;
    length += 1;
  }
  return plain.subarray(0, length);
}

/** Whether this is the atom NIL. The string "NIL" is not. */
export function isNil(token: Token | undefined): boolean {
  return token?.kind === 'atom' && /^NIL$/i.test(token.text);
}

/** The text of an atom, or of a string read as UTF-8. Throws CausewayError 'protocol' when there is neither. */
export function textOf(token: Token | undefined): string {
  if (token?.kind === 'atom') return token.text;
  if (token?.kind === 'string') return token.bytes.toString();
  throw new CausewayError('protocol', token === undefined ? 'a word is missing' : 'found a list, expected a word');
}
