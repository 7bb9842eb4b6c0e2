import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Shift } from '#desk/cases/api.ts';
import { copiesOf, gapsIn, nextHandOver, rowsOf, shortIn } from './cover.ts';

const shift = (staff: string, level: 1 | 2, from: number, until: number): Shift => ({ id: from, staff, level, from, until });

test('a shift that ends as another begins leaves no gap; a level of its own does not cover the other', () => {
  expect(gapsIn([shift('ada', 1, 0, 8), shift('bo', 1, 8, 16), shift('cy', 1, 18, 30), shift('dee', 2, -5, 40)], { from: 0, until: 24 })).toEqual([{ level: 1, from: 16, until: 18 }]);
  expect(gapsIn([], { from: 0, until: 24 })).toEqual([{ level: 1, from: 0, until: 24 }, { level: 2, from: 0, until: 24 }]);
});

const drawn = fc.array(fc.record({ staff: fc.constantFrom('ada', 'bo', 'cy'), level: fc.constantFrom(1 as const, 2 as const), from: fc.integer({ min: -20, max: 60 }), length: fc.integer({ min: 1, max: 24 }) }), { maxLength: 15 }).map((all) => all.map(({ staff, level, from, length }, id) => ({ id, staff, level, from, until: from + length })));

test('a moment is in a gap exactly where nobody of the level is planned', () => {
  fc.assert(fc.property(drawn, (shifts) => {
    const gaps = gapsIn(shifts, { from: 0, until: 48 });
    for (const level of [1, 2] as const) {
      for (let at = 0; at < 48; at += 1) {
        const isCovered = shifts.some((each) => each.level === level && each.from <= at && at < each.until);
        expect(gaps.some((gap) => gap.level === level && gap.from <= at && at < gap.until)).toBe(!isCovered);
      }
    }
  }));
});

test('no two shifts of a row meet, each has its place, and levels are apart', () => {
  fc.assert(fc.property(drawn, (shifts) => {
    const rows = rowsOf(shifts);
    expect(rows.flat().map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(shifts.map(({ id }) => id));
    for (const row of rows) {
      expect(new Set(row.map(({ level }) => level)).size).toBe(1);
      for (const [n, each] of row.entries()) if (n > 0) expect(each.from).toBeGreaterThanOrEqual(row[n - 1]!.until);
    }
  }));
});

test('who hands over to whom, and that nobody comes', () => {
  const shifts = [shift('ada', 1, 0, 8), shift('bo', 1, 0, 10), shift('cy', 1, 7, 16), shift('dee', 1, 8, 16), shift('eve', 2, 0, 9)];
  // Who came an hour before stays; who comes as others go is coming.
  expect(nextHandOver(shifts, 1, 5)).toEqual({ at: 8, going: ['ada'], coming: ['dee'], staying: ['bo', 'cy'] });
  expect(nextHandOver(shifts, 2, 5)).toEqual({ at: 9, going: ['eve'], coming: [], staying: [] });
  expect(nextHandOver(shifts, 1, 16)).toBeUndefined();
  // A shift that goes on is no hand-over.
  expect(nextHandOver([shift('ada', 1, 0, 8), shift('ada', 1, 8, 16)], 1, 5)).toMatchObject({ at: 16, going: ['ada'] });
});

test('hours that are short are told as one span', () => {
  const hour = (at: number, expected: number | undefined, capacityPerHour: number) => ({ at: at * 3_600_000, agents: [1, 1] as const, capacityPerHour, calls: undefined, expected });
  expect(shortIn([hour(0, 5, 10), hour(1, 12, 10), hour(2, 11, 10), hour(3, undefined, 0), hour(4, 1, 0)])).toEqual([{ from: 3_600_000, until: 3 * 3_600_000 }, { from: 4 * 3_600_000, until: 5 * 3_600_000 }]);
});

test('a week is copied but for those who are planned already', () => {
  const last = [shift('ada', 1, 0, 8), shift('bo', 1, 8, 16)];
  expect(copiesOf(last, [shift('bo', 2, 115, 120)], (at) => at + 100)).toEqual([{ staff: 'ada', level: 1, from: 100, until: 108 }]);
});
