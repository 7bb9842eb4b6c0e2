/** A message's parts from the answer to FETCH BODYSTRUCTURE (RFC 9051 section 7.5.2). Never throws: what cannot be read is a leaf of unknown bytes. */
import { isNil, textOf, type Token } from '#wire/imap/tokens.ts';
import { languagesOf } from './parse-message.ts';
import { charsetOf, cidOf, DEEPEST, MOST_PARTS, nameOf, type Part } from './part.ts';
import { encodingOf } from './transfer-encoding.ts';

export function partOf(token: Token | undefined): Part {
  return read(token, '', 0, { parts: MOST_PARTS });
}

function read(token: Token | undefined, number: string, depth: number, budget: { parts: number }): Part {
  budget.parts -= 1;
  const items = token?.kind === 'list' ? token.items : [];
  if (items[0]?.kind === 'list' && depth < DEEPEST) {
    const count = items.findIndex((item) => item.kind !== 'list');
    const children = count < 0 ? items : items.slice(0, count);
    const subParts: Part[] = [];
    for (const child of children) {
      if (budget.parts <= 0) break;
      subParts.push(read(child, `${number}${number === '' ? '' : '.'}${subParts.length + 1}`, depth + 1, budget));
    }
    const [subtype, parameters, ...rest] = count < 0 ? [] : items.slice(count);
    return { ...common(pairs(parameters), rest), partId: undefined, type: `multipart/${word(subtype) ?? 'mixed'}`, charset: null, encoding: '7bit', encodedSize: 0, cid: null, subParts };
  }
  const [major, minor, parameters, id, , encoding, size, ...rest] = items;
  const type = `${word(major) ?? 'application'}/${word(minor) ?? 'octet-stream'}`;
  // Envelope, structure and lines of a message; lines of a text; then MD5.
  const extension = rest.slice((type === 'message/rfc822' || type === 'message/global') && rest[0]?.kind === 'list' ? 3 : type.startsWith('text/') ? 1 : 0);
  const known = pairs(parameters);
  return {
    ...common(known, extension.slice(1)),
    partId: number === '' ? '1' : number,
    type,
    // A server does not tell whether the field was there; it puts text/plain and us-ascii where it was not.
    charset: charsetOf(type, known, true),
    cid: cidOf(string(id)),
    encoding: encodingOf(string(encoding)),
    encodedSize: Number(/^\d{1,15}$/.exec(string(size) ?? '')?.[0] ?? 0),
    subParts: undefined,
  };
}

type Common = Pick<Part, 'name' | 'disposition' | 'language' | 'location'>;

/** @param extension disposition, language, location */
function common(parameters: readonly [string, string][], [disposition, language, location]: readonly Token[]): Common {
  const [value, given] = disposition?.kind === 'list' ? disposition.items : [disposition];
  const languages = language?.kind === 'list' ? language.items.map((item) => string(item) ?? '').join(',') : string(language);
  return {
    name: nameOf(pairs(given), parameters),
    disposition: string(value)?.toLowerCase() ?? null,
    language: languages === undefined ? null : languagesOf(languages),
    location: string(location) ?? null,
  };
}

function pairs(token: Token | undefined): [string, string][] {
  const found: [string, string][] = [];
  if (token?.kind !== 'list') return found;
  for (let at = 0; at + 1 < token.items.length && found.length < 1_000; at += 2) {
    const name = string(token.items[at]);
    const value = string(token.items[at + 1]);
    if (name !== undefined && value !== undefined) found.push([name.toLowerCase(), value]);
  }
  return found;
}

/** One character a byte. */
function string(token: Token | undefined): string | undefined {
  if (token === undefined || token.kind === 'list' || isNil(token)) return undefined;
  return token.kind === 'string' ? token.bytes.toString('latin1') : textOf(token);
}

function word(token: Token | undefined): string | undefined {
  const text = string(token)?.toLowerCase();
  return text !== undefined && /^[!#$&^_.+a-z0-9-]{1,127}$/.test(text) ? text : undefined;
}
