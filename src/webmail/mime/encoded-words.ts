/** Encoded words of headers (RFC 2047) and parameters with charsets and continuations (RFC 2231), decoded. */
import { decodeBare, decodeCharset } from './charset.ts';
import { decodeQuotedPrintable } from './transfer-encoding.ts';

const WORD = /=\?([^?*\s]{1,60})(?:\*[^?\s]{0,60})?\?([bqBQ])\?([^?]*)\?=/g;

/**
 * The text with its encoded words decoded; white space between two of them is no part of it. Words of one charset that
 * stand side by side are decoded together, since mailers cut characters in two.
 * @param value one character a byte
 */
export function decodeWords(value: string): string {
  const out: string[] = [];
  let open: { charset: string; bytes: Buffer[] } | undefined;
  let at = 0;
  const close = (): void => {
    if (open !== undefined) out.push(decodeCharset(Buffer.concat(open.bytes), open.charset).text);
    open = undefined;
  };
  for (const match of value.matchAll(WORD)) {
    const [whole, charset = '', encoding = '', content = ''] = match;
    const between = value.slice(at, match.index);
    if (open === undefined || between.trim() !== '') {
      close();
      out.push(bare(between));
    }
    const bytes = encoding.toLowerCase() === 'b' ? Buffer.from(content, 'base64') : decodeQuotedPrintable(content.replaceAll('_', ' '), true);
    if (open !== undefined && open.charset !== charset.toLowerCase()) close();
    open ??= { charset: charset.toLowerCase(), bytes: [] };
    open.bytes.push(bytes);
    at = match.index + whole.length;
  }
  close();
  out.push(bare(value.slice(at)));
  return out.join('');
}

function bare(text: string): string {
  return /[\x80-\xff]/.test(text) ? decodeBare(Buffer.from(text, 'latin1')) : text;
}

/**
 * A parameter's value from all parameters of a field: `name*0*`, `name*`, `name`; also with RFC 2047 in it, which is
 * forbidden and common.
 * @param parameters names in lower case, values one character a byte
 */
export function parameterOf(parameters: readonly (readonly [string, string])[], name: string): string | undefined {
  const byName = new Map<string, string>();
  for (const [key, value] of parameters) if (!byName.has(key)) byName.set(key, value);
  const extended = byName.get(`${name}*`);
  if (extended !== undefined) return decodeExtended([[extended, true]]);
  const pieces: [string, boolean][] = [];
  // 1,000 pieces of 60 characters: longer than any file system takes.
  for (let index = 0; index < 1_000; index += 1) {
    const encoded = byName.get(`${name}*${index}*`);
    const plain = byName.get(`${name}*${index}`);
    if (encoded !== undefined) pieces.push([encoded, true]);
    else if (plain !== undefined) pieces.push([plain, false]);
    else break;
  }
  if (pieces.length > 0) return decodeExtended(pieces);
  const value = byName.get(name);
  return value === undefined ? undefined : decodeWords(value);
}

function decodeExtended(pieces: readonly (readonly [string, boolean])[]): string {
  const [first] = pieces;
  const [, charset, rest] = first?.[1] === true ? (/^([^']{0,60})'[^']*'([^]*)$/.exec(first[0]) ?? []) : [];
  const bytes = pieces.map(([value, encoded], index) => {
    const text = index === 0 && rest !== undefined ? rest : value;
    return encoded ? unescapePercent(text) : Buffer.from(text, 'latin1');
  });
  const all = Buffer.concat(bytes);
  return charset === undefined || charset === '' ? decodeBare(all) : decodeCharset(all, charset).text;
}

function unescapePercent(text: string): Buffer {
  return Buffer.from(text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))), 'latin1');
}
