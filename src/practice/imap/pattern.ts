/** Patterns of LIST: `*` is anything, `%` anything within one level. */
import { CausewayError } from '#errors/index.ts';
import { INBOX } from '../maildir/names.ts';

export type Pattern = (name: string) => boolean;

/** A pattern costs its length times a name's; names are shorter than this. */
const LONGEST = 500;

/** @throws CausewayError `limit` */
export function createPattern(text: string, separator: string): Pattern {
  const pattern = text.replaceAll(/[*%]*\*[*%]*/g, '*').replaceAll(/%+/g, '%');
  if (pattern.length > LONGEST) throw new CausewayError('limit', 'The pattern is too long.');
  return (name) => match(pattern, name, separator) || (name === INBOX && match(pattern.toUpperCase(), name, separator));
}

/** All ways of matching side by side, so that no pattern takes more than its length times the name's. */
function match(pattern: string, name: string, separator: string): boolean {
  let at = new Set(closure(pattern, [0]));
  for (const character of name) {
    const next: number[] = [];
    for (const position of at) {
      const wanted = pattern[position];
      if (wanted === '*' || (wanted === '%' && character !== separator)) next.push(position);
      else if (wanted === '%' || wanted === undefined) continue;
      else if (pattern.startsWith(character, position)) next.push(position + character.length);
    }
    at = new Set(closure(pattern, next));
    if (at.size === 0) return false;
  }
  return at.has(pattern.length);
}

/** A wildcard may also match nothing. */
function closure(pattern: string, positions: number[]): number[] {
  const out: number[] = [];
  for (let position of positions) {
    out.push(position);
    while (pattern[position] === '*' || pattern[position] === '%') {
      position += 1;
      out.push(position);
    }
  }
  return out;
}
