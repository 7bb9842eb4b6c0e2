import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Shift } from '../cases/api.ts';
import { hoursOf } from './plan.ts';

const HOUR = 3_600_000;
const from = Date.UTC(2026, 10, 23);
const shift = (staff: string, level: 1 | 2, begins: number, ends: number): Shift => ({ id: 1, staff, level, from: from + begins * HOUR, until: from + ends * HOUR });
const none = { byHour: new Map<number, number>(), first: Number.POSITIVE_INFINITY };
const plan = (shifts: readonly Shift[], more: Partial<Parameters<typeof hoursOf>[0]> = {}) => hoursOf({ shifts, calls: none, from, until: from + 24 * HOUR, now: from, handlingSeconds: 300, ...more });

test('a gap of minutes makes its hour a gap, whoever came and went in it', () => {
  const hours = plan([shift('ada', 1, 0, 6.25), shift('bo', 1, 6.5, 12), shift('cy', 1, 11.5, 14), shift('dee', 2, 0, 24)]);
  expect(hours.map(({ agents }) => agents[0])).toEqual([1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, ...Array.from({ length: 10 }, () => 0)]);
  expect(hours.every(({ agents }) => agents[1] === 1)).toBe(true);
  // Where one hands over to the next, somebody is there at each moment.
  expect(plan([shift('ada', 1, 0, 6.5), shift('bo', 1, 6.5, 24)]).map(({ agents }) => agents[0])).toEqual(Array.from({ length: 24 }, () => 1));
});

test('no hour has more than are planned at every minute of it', () => {
  const shifts = fc.array(fc.record({ level: fc.constantFrom(1 as const, 2 as const), begins: fc.integer({ min: -300, max: 1_500 }), minutes: fc.integer({ min: 1, max: 720 }) }), { maxLength: 12 });
  fc.assert(fc.property(shifts, (drawn) => {
    const planned = drawn.map(({ level, begins, minutes }, n) => shift(`s${n}`, level, begins / 60, (begins + minutes) / 60));
    for (const { at, agents } of plan(planned)) {
      for (const level of [1, 2] as const) {
        const counts = Array.from({ length: 60 }, (_, minute) => planned.filter((each) => each.level === level && each.from <= at + minute * 60_000 && each.until > at + minute * 60_000).length);
        expect(agents[level - 1]).toBe(Math.min(...counts));
      }
    }
  }), { numRuns: 100 });
});

test('both levels answer calls, and nobody none', () => {
  const [one, , last] = plan([shift('ada', 1, 0, 1), shift('bo', 2, 0, 2)], { until: from + 3 * HOUR });
  expect(one!.capacityPerHour).toBeGreaterThan(plan([shift('ada', 1, 0, 1)], { until: from + HOUR })[0]!.capacityPerHour);
  expect(last!.capacityPerHour).toBe(0);
});

test('what came in is told of hours that are over; of others the mean of the same hour on the days that are known', () => {
  // Of yesterday and the day before it 10 and 20 calls at nine; today seven, so far: the hour is not over.
  const calls = { byHour: new Map([[9 - 48, 10], [9 - 24, 20], [2, 3], [9, 7]]), first: 9 - 48 };
  const hours = plan([], { calls, now: from + 9.5 * HOUR, until: from + 48 * HOUR });
  expect(hours[2]).toMatchObject({ calls: 3, expected: undefined });
  expect(hours[9]).toMatchObject({ calls: undefined, expected: 15 });
  // Tomorrow's: of the same two days, and not of the hour that still runs.
  expect(hours[33]).toMatchObject({ calls: undefined, expected: 15 });
  // At ten there was nobody on either day.
  expect(hours[10]).toMatchObject({ expected: 0 });
  expect(plan([])[0]).toMatchObject({ calls: undefined, expected: undefined });
});
