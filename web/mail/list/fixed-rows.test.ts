import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowsSeen, rowsThere, scrollFor } from './fixed-rows.ts';

test('what one sees is there, with its neighbours, wherever one is in the list', () => {
  expect(rowsThere(rowsSeen(0, 700, 86), 100_000, 8)).toEqual({ first: 0, last: 16 });
  expect(rowsThere(rowsSeen(50_000 * 86 + 1, 700, 86), 100_000, 8)).toEqual({ first: 49_992, last: 50_016 });
  expect(rowsThere(rowsSeen(0, 700, 86), 3, 8)).toEqual({ first: 0, last: 2 });
  const { first, last } = rowsThere(rowsSeen(0, 700, 86), 0, 8);
  expect(last).toBeLessThan(first);
});

test('each pixel of the screen that the list reaches has its row', () => {
  const about = fc.record({ top: fc.nat(1_000_000), view: fc.integer({ min: 1, max: 2_000 }), height: fc.integer({ min: 20, max: 200 }), count: fc.integer({ min: 1, max: 20_000 }), pixel: fc.nat(2_000) });
  fc.assert(
    fc.property(about, ({ top, view, height, count, pixel }) => {
      const row = Math.floor((top + (pixel % view)) / height);
      const { first, last } = rowsThere(rowsSeen(top, view, height), count, 0);
      if (row < count) expect(row >= first && row <= last).toBe(true);
    }),
  );
});

test('a list that became shorter than where one was shows its end', () => {
  expect(rowsThere(rowsSeen(8_600, 860, 86), 50, 8)).toEqual({ first: 41, last: 49 });
});

test('a row is brought on to the screen by the shortest way, and one that is there moves nothing', () => {
  expect(scrollFor(5, 0, 860, 86)).toBeUndefined();
  expect(scrollFor(10, 0, 860, 86)).toBe(86);
  expect(scrollFor(2, 860, 860, 86)).toBe(172);
});
