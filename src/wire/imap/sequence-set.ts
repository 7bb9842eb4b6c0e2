/** Sequence sets and UID sets (RFC 9051 `sequence-set`): `1:3,7,9:*`. */
import { CausewayError } from '#errors/index.ts';

/** First and last, in rising order. Infinity is `*`, the highest number there is. */
export type Range = [first: number, last: number];

const HIGHEST = 0xffff_ffff;

/** Throws CausewayError 'protocol'. Ranges stay in the order of the text. */
export function parseSequenceSet(text: string): Range[] {
  return text.split(',').map((part) => {
    const [first = '', last = first, ...more] = part.split(':');
    if (more.length > 0) throw new CausewayError('protocol', 'a sequence set has a range of three');
    const a = parseNumber(first);
    const b = parseNumber(last);
    return a <= b ? [a, b] : [b, a];
  });
}

function parseNumber(text: string): number {
  if (text === '*') return Infinity;
  const number = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
  if (number === 0 || number > HIGHEST) throw new CausewayError('protocol', 'a sequence set has a part that is no number');
  return number;
}

/** Joins runs that rise by one; the order is kept, so sorted numbers give the shortest text. Of none: ''. */
export function formatSequenceSet(numbers: Iterable<number>): string {
  const parts: string[] = [];
  let first = 0;
  let last = 0;
  const close = (): void => {
    if (first > 0) parts.push(first === last ? String(first) : `${first}:${last}`);
  };
  for (const number of numbers) {
    if (first === 0 || number !== last + 1) {
      close();
      first = number;
    }
    last = number;
  }
  close();
  return parts.join(',');
}

/** Whether the set holds `n` in a mailbox whose highest number is `max`. `9:*` always holds `max` (RFC 9051). */
export function contains(set: readonly Range[], n: number, max: number): boolean {
  return set.some(([first, last]) => {
    const a = first === Infinity ? max : first;
    const b = last === Infinity ? max : last;
    return n >= Math.min(a, b) && n <= Math.max(a, b);
  });
}
