import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { contains, formatSequenceSet, parseSequenceSet } from './sequence-set.ts';

const number = fc.integer({ min: 1, max: 0xffff_ffff });

it('reads numbers, ranges either way round, and *', () => {
  expect(parseSequenceSet('2,4:7,9:5,12:*,*:3,*')).toEqual([
    [2, 2], [4, 7], [5, 9], [12, Infinity], [3, Infinity], [Infinity, Infinity],
  ]);
});

it('refuses anything else', () => {
  for (const text of ['', ',', '1,', '0', '01', '1:2:3', ':', '1:', '-1', 'a', '$', '1 2', '4294967296', '99999999999', '**']) {
    expect(() => parseSequenceSet(text), text).toThrow(CausewayError);
  }
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('1', '0', ':', ',', '*', 'x') }), (text) => {
      try {
        parseSequenceSet(text);
      } catch (error) {
        expect(error).toBeInstanceOf(CausewayError);
      }
    }),
  );
});

it('joins runs and keeps the order', () => {
  expect(formatSequenceSet([])).toBe('');
  expect(formatSequenceSet([1, 2, 3, 5, 7, 8])).toBe('1:3,5,7:8');
  expect(formatSequenceSet(new Set([9, 3, 4, 2]))).toBe('9,3:4,2');
});

it('reads what it wrote as the same numbers in the same order', () => {
  const runs = fc.array(fc.tuple(number, fc.integer({ min: 1, max: 5 })), { minLength: 1 });
  fc.assert(
    fc.property(runs, (starts) => {
      const numbers = starts.flatMap(([first, length]) => Array.from({ length }, (_, index) => Math.min(first + index, 0xffff_ffff)));
      const read = parseSequenceSet(formatSequenceSet(numbers)).flatMap(([first, last]) =>
        Array.from({ length: last - first + 1 }, (_, index) => first + index),
      );
      expect(read).toEqual(numbers);
    }),
  );
});

it('finds a number, with * as the highest there is', () => {
  expect(contains(parseSequenceSet('2:4,8'), 3, 10)).toBe(true);
  expect(contains(parseSequenceSet('2:4,8'), 5, 10)).toBe(false);
  expect(contains(parseSequenceSet('*'), 10, 10)).toBe(true);
  expect(contains(parseSequenceSet('*'), 9, 10)).toBe(false);
  expect(contains(parseSequenceSet('559:*'), 10, 10)).toBe(true);
  expect(contains(parseSequenceSet('559:*'), 9, 10)).toBe(false);
});
