import { describe, expect, test } from 'vitest';
import { moment, often, range, size, span } from './times.ts';

const now = new Date(2026, 10, 26, 12, 0).getTime();
const at = (day: number, hour: number, minute = 0): number => new Date(2026, 10, day, hour, minute).getTime();

test('moments are as short as they can be without being of another day', () => {
  expect(moment(at(26, 8, 4), now)).toBe('08:04');
  expect(moment(at(25, 23, 59), now)).toBe('yesterday 23:59');
  expect(moment(at(27, 0, 1), now)).toBe('tomorrow 00:01');
  expect(moment(at(23, 9), now)).toBe('Mon 09:00');
  expect(moment(at(2, 9), now)).toBe('2 Nov 2026');
});

test('the day before is yesterday also where clocks change', () => {
  const change = new Date(2026, 2, 29, 12).getTime();
  expect(moment(new Date(2026, 2, 28, 23).getTime(), change)).toBe('yesterday 23:00');
  expect(moment(new Date(2026, 2, 30, 1).getTime(), change)).toBe('tomorrow 01:00');
});

test('spans', () => {
  expect([20_000, 180_000, 7_200_000, 7_500_000, 4 * 86_400_000, 86_400_000].map(span)).toEqual(['a moment', '3 min', '2 h', '2 h 5 min', '4 days', '1 day']);
});

describe('a range', () => {
  test('says its day once', () => expect(range(at(26, 14, 20), at(26, 15, 10), now)).toBe('between 14:20 and 15:10'));
  test('of tomorrow', () => expect(range(at(27, 1), at(27, 3), now)).toBe('between tomorrow 01:00 and 03:00'));
  test('over midnight', () => expect(range(at(26, 23), at(27, 3), now)).toBe('between 23:00 and tomorrow 03:00'));
  test('of one minute is that minute', () => expect(range(at(26, 14, 20), at(26, 14, 20), now)).toBe('14:20'));
});

test('how often, and sizes', () => {
  expect(often(1, at(26, 8), at(26, 8, 4), now)).toBe('once, 08:04');
  expect(often(1214, at(26, 8, 4), at(26, 11, 32), now)).toBe('1,214 times, 08:04 to 11:32');
  expect([999, 1500, 999_600, 123_456_789].map(size)).toEqual(['999 bytes', '1.5 kB', '1 MB', '123 MB']);
});
