/**
 * The lines of vCards (RFC 6350 section 3.3, RFC 2426, vCard 2.1): unfolded, cut into group, name, parameters and value.
 *
 * Invariants: never throws, and reads each character a bounded number of times. A value is as it was written, but for
 * quoted-printable, which is decoded by the charset that the line names.
 */
import { decodeCharset } from '../mime/charset.ts';
import { decodeQuotedPrintable } from '../mime/transfer-encoding.ts';

export type Property = {
  /** `item1` of `item1.EMAIL`, in lower case; '' where there is none. */
  readonly group: string;
  /** Upper case. */
  readonly name: string;
  /** By upper-case name; a bare parameter of vCard 2.1 (`;HOME`) is a TYPE. */
  readonly parameters: ReadonlyMap<string, readonly string[]>;
  readonly value: string;
  /** The whole line, unfolded. */
  readonly line: string;
};

/** Bare parameters of vCard 2.1 that are no types. */
const ENCODINGS = new Set(['QUOTED-PRINTABLE', 'BASE64', '8BIT', '7BIT']);

export function propertiesOf(text: string): Property[] {
  return unfolded(text).flatMap((line) => propertyOf(line) ?? []);
}

/** A line that begins with white space goes on the one before; one of quoted-printable goes on after its `=`. */
function unfolded(text: string): string[] {
  const lines: string[] = [];
  let parts: string[] = [];
  let isQuoted = false;
  let soft = false;
  for (const raw of text.split(/\r\n|\n|\r/)) {
    const isFolded = raw.startsWith(' ') || raw.startsWith('\t');
    if (!soft && !isFolded) {
      if (parts.length > 0) lines.push(parts.join(''));
      parts = [];
      isQuoted = isQuotedPrintable(raw);
    }
    const piece: string = isFolded && !soft ? raw.slice(1) : raw;
    soft = isQuoted && piece.endsWith('=');
    parts.push(soft ? piece.slice(0, -1) : piece);
  }
  return [...lines, parts.join('')];
}

const isQuotedPrintable = (line: string): boolean => /^[^:]{0,200};(?:ENCODING=)?QUOTED-PRINTABLE[;:]/i.test(line);

function propertyOf(line: string): Property | undefined {
  const colon = endOfHead(line);
  if (colon === -1) return undefined;
  const [head = '', ...given] = splitOutsideQuotes(line.slice(0, colon), ';');
  const [, group = '', name = ''] = /^(?:([\w-]+)\.)?([\w-]+)$/.exec(head.trim()) ?? [];
  if (name === '') return undefined;
  const parameters = new Map<string, string[]>();
  for (const one of given) {
    const equals = one.indexOf('=');
    const bare = one.trim().toUpperCase();
    const key = equals === -1 ? (ENCODINGS.has(bare) ? 'ENCODING' : 'TYPE') : one.slice(0, equals).trim().toUpperCase();
    const values = splitOutsideQuotes(equals === -1 ? one : one.slice(equals + 1), ',').map((value) => value.trim().replace(/^"(.*)"$/, '$1'));
    parameters.set(key, [...(parameters.get(key) ?? []), ...values]);
  }
  const raw = line.slice(colon + 1);
  const encoded = parameters.get('ENCODING')?.[0]?.toUpperCase() === 'QUOTED-PRINTABLE';
  const value = encoded ? decodeCharset(decodeQuotedPrintable(Buffer.from(raw).toString('latin1'), true), parameters.get('CHARSET')?.[0] ?? 'utf-8').text : raw;
  return { group: group.toLowerCase(), name: name.toUpperCase(), parameters, value, line };
}

/** Where the value begins: a colon outside of quotes. */
function endOfHead(line: string): number {
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    if (line[at] === '"') quoted = !quoted;
    else if (line[at] === ':' && !quoted) return at;
  }
  // A quote that nobody closed is a character like any other.
  return quoted ? line.indexOf(':') : -1;
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let quoted = false;
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') quoted = !quoted;
    else if (text[at] === separator && !quoted) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)];
}

/** `\n`, `\,`, `\;`, `\\` (RFC 6350 section 3.4); another character behind a backslash is itself. */
export function unescapeText(value: string): string {
  return value.replaceAll(/\\([\s\S])/g, (_, character: string) => (character === 'n' || character === 'N' ? '\n' : character));
}

/** Cuts at `separator` where no backslash is before it, and unescapes the parts. */
export function splitText(value: string, separator: ';' | ','): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < value.length; at += 1) {
    if (value[at] === '\\') at += 1;
    else if (value[at] === separator) {
      parts.push(unescapeText(value.slice(from, at)));
      from = at + 1;
    }
  }
  return [...parts, unescapeText(value.slice(from))];
}
