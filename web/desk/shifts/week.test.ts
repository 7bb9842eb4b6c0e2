import { afterEach, expect, test } from 'vitest';
import { dateInput, hoursIn, laterBy, midnight, timeOn, weekOf } from './week.ts';

const zone = process.env['TZ'];
afterEach(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

test.each(['UTC', 'Europe/Madrid', 'America/New_York', 'Asia/Kolkata'])('a week is from Monday to Sunday: %s', (name) => {
  process.env['TZ'] = name;
  for (const [year, month, day] of [[2026, 10, 23], [2026, 10, 29], [2026, 2, 29], [2027, 0, 1]] as const) {
    const now = new Date(year, month, day, 13, 37).getTime();
    const { from, until, days } = weekOf(now, 0);
    expect(new Date(from).getDay()).toBe(1);
    expect(from <= now && now < until).toBe(true);
    expect(days).toHaveLength(7);
    for (const [n, each] of days.entries()) expect(each.from).toBe(n === 0 ? from : days[n - 1]!.until);
    expect(weekOf(now, 1).from).toBe(until);
    expect(weekOf(now, -1).until).toBe(from);
  }
});

test('days on which clocks change have their own hours, and shifts keep their time of day', () => {
  process.env['TZ'] = 'Europe/Madrid';
  const spring = weekOf(new Date(2026, 2, 29, 12).getTime(), 0).days.at(-1)!;
  expect(hoursIn(spring)).toBe(23);
  expect(hoursIn(weekOf(new Date(2026, 9, 25, 12).getTime(), 0).days.at(-1)!)).toBe(25);
  const six = timeOn(spring.from, '06:00', false);
  expect(new Date(six).getHours()).toBe(6);
  expect(new Date(laterBy(six, -7)).getHours()).toBe(6);
  expect(timeOn(spring.from, '06:00', true) - six).toBe(24 * 3_600_000);
  expect(dateInput(spring.from)).toBe('2026-03-29');
  expect(midnight(six)).toBe(spring.from);
  expect(timeOn(spring.from, '', false)).toBeNaN();
});
