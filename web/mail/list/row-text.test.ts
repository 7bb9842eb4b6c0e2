import { expect, test } from 'vitest';
import { dayOf, shortDate } from './dates.ts';
import { initialOf, nameOf, peopleOf, toneOf } from './people.ts';

const now = new Date(2026, 10, 26, 16, 28);

test('dates: the nearer, the more exact', () => {
  const short = (...at: [number, number, number, number?]): string => shortDate(new Date(...at), now, 'en-GB');
  expect(short(2026, 10, 26, 9)).toBe('09:00');
  expect(short(2026, 10, 24, 23)).toBe('Tue');
  expect(short(2026, 10, 19)).toBe('19 Nov');
  expect(short(2026, 11, 1)).toBe('1 Dec');
  expect(short(2025, 11, 31)).toBe('31/12/2025');
  expect(dayOf(new Date(2026, 0, 2))).toBe('2026-01-02');
});

test('people', () => {
  expect(nameOf({ name: '  ', email: 'ana@example.org' })).toBe('ana');
  expect(nameOf({ name: null, email: '@odd' })).toBe('@odd');
  expect(peopleOf({ from: null, to: [{ name: 'B', email: 'b@x' }] }, false)).toEqual([]);
  expect(peopleOf({ from: null, to: [{ name: 'B', email: 'b@x' }] }, true)).toHaveLength(1);
  expect([initialOf('«Ángel»'), initialOf('"日本"'), initialOf('---')]).toEqual(['Á', '日', '?']);
});

test('a person has one colour', () => {
  expect(toneOf('Ana@Example.org', 6)).toBe(toneOf('ana@example.org', 6));
  expect(new Set(Array.from({ length: 50 }, (_, n) => toneOf(`p${n}@example.org`, 6))).size).toBe(6);
});
