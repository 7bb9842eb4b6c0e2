/** Lists of addresses (RFC 5322 section 3.4), read from what real mail has in its place. Never throws. */
import { decodeWords } from './encoded-words.ts';
import { unfold } from './fields.ts';

export type Address = { readonly name: string | null; readonly email: string };
export type Group = { readonly name: string | null; readonly addresses: Address[] };

/** Mailing software of old wrote thousands of recipients into a header; a screen shows some. */
const ADDRESS_LIMIT = 5_000;

/** Addresses that are in no group are together in groups without a name, in their order. */
export function parseGroups(raw: string): Group[] {
  const text = unfold(raw);
  const groups: Group[] = [];
  let named: Group | undefined;
  let words = '';
  let angle: string | undefined;
  let comment = '';
  let count = 0;

  function finish(): void {
    const phrase = words.trim();
    const email = (angle ?? (phrase.includes('@') || comment === '' ? phrase : '')).replace(/^@[^:]*:/, '').trim();
    const name = angle === undefined ? comment.trim() : phrase || comment.trim();
    words = '';
    angle = undefined;
    comment = '';
    if (email === '' && name === '') return;
    count += 1;
    if (count > ADDRESS_LIMIT) return;
    const address = { name: name === '' ? null : decodeWords(name), email: decodeWords(email) };
    if (named !== undefined) return void named.addresses.push(address);
    const last = groups.at(-1);
    if (last !== undefined && last.name === null) last.addresses.push(address);
    else groups.push({ name: null, addresses: [address] });
  }

  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] as string;
    if (character === '"') {
      const end = endOf(text, at, '"');
      words += text.slice(at + 1, end).replaceAll(/\\(.)/g, '$1');
      at = end;
    } else if (character === '(') {
      const end = endOfComment(text, at);
      comment += `${comment === '' ? '' : ' '}${text.slice(at + 1, end).replaceAll(/\\(.)/g, '$1')}`;
      at = end;
    } else if (character === '<' && angle === undefined) {
      const end = endOf(text, at, '>');
      angle = text.slice(at + 1, end).replaceAll(/\s+/g, '');
      at = end;
    } else if (character === ',') {
      finish();
    } else if (character === ';') {
      finish();
      named = undefined;
    } else if (character === ':' && named === undefined && angle === undefined && words.trim() !== '' && !words.includes('@')) {
      named = { name: decodeWords(words.trim()), addresses: [] };
      groups.push(named);
      words = '';
      comment = '';
    } else {
      words += character;
    }
  }
  finish();
  return groups;
}

export function parseAddresses(raw: string): Address[] {
  return parseGroups(raw).flatMap(({ addresses }) => addresses);
}

function endOf(text: string, start: number, close: string): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\' && close === '"') at += 1;
    else if (text[at] === close) return at;
  }
  return text.length;
}

function endOfComment(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '(') depth += 1;
    else if (text[at] === ')') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return text.length;
}
