/**
 * Sets of flags as small numbers: a mailbox has many messages and few different sets.
 *
 * Invariant: each spelling of a set has one number; numbers are only comparable within the table that gave them.
 */
import { finalFailure } from '../failure.ts';
import { flagsKey } from '../ledger/ledger-row.ts';

/** Of both sides and the ledger of one pair, some 300 bytes each: numbers of 16 bits. Real mailboxes have some dozens. */
const SETS = 0xffff;

/** The number of the empty set that every table begins with: of a message whose flags were not told. */
export const NOT_TOLD = 0;

export type FlagSets = {
  /** @throws the final failure `flags` beyond `SETS` different ones */
  numberOf(flags: readonly string[]): number;
  flagsOf(number: number): readonly string[];
  /** Whether two are equal as sets: flags are case-insensitive (RFC 3501 2.3.2), their order says nothing. */
  same(a: number, b: number): boolean;
};

export function createFlagSets(): FlagSets {
  const sets: (readonly string[])[] = [[]];
  const numbers = new Map<string, number>();
  const byKey = new Map<string, number>([['', NOT_TOLD]]);
  /** By number: the first number of an equal set. */
  const firsts = [NOT_TOLD];
  return {
    numberOf(flags) {
      const text = flags.join(' ');
      const known = numbers.get(text);
      if (known !== undefined) return known;
      const number = sets.length;
      if (number > SETS) throw finalFailure('flags', `one mailbox has more than ${SETS} different sets of flags`);
      const key = flagsKey(flags);
      const first = byKey.get(key) ?? number;
      sets.push(flags);
      numbers.set(text, number);
      byKey.set(key, first);
      firsts.push(first);
      return number;
    },
    flagsOf: (number) => sets[number]!,
    same: (a, b) => firsts[a] === firsts[b],
  };
}
