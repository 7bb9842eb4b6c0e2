import { expect, test } from 'vitest';
import { type Known, suggest } from './suggestions.ts';

const known = (name: string | null, email: string, weight = 0): Known => ({ name, email, weight });
const PEOPLE = [known('José Díaz', 'jd@isp.example', 1), known('Ada Byron', 'countess@isp.example', 5), known(null, 'ada@other.example', 9), known('Joe Adams', 'joe@isp.example', 2)];
const emails = (typed: string, taken: readonly Known[] = []): string[] => suggest(typed, PEOPLE, taken).map(({ email }) => email);

test('beginnings of names and addresses, without case and accents', () => {
  expect(emails('jose')).toEqual(['jd@isp.example']);
  expect(emails('DÍAZ')).toEqual(['jd@isp.example']);
  expect(emails('byr ada')).toEqual(['countess@isp.example']);
  expect(emails('yron')).toEqual([]);
  expect(emails('other')).toEqual(['ada@other.example']);
  expect(emails(' ')).toEqual([]);
  expect(emails('(.*')).toEqual([]);
});

test('the beginning comes first, then whom one writes to most', () => {
  expect(emails('ad')).toEqual(['ada@other.example', 'countess@isp.example', 'joe@isp.example']);
});

test('who is there already is not offered, and nobody twice', () => {
  expect(emails('ad', [known(null, 'ADA@other.example')])).toEqual(['countess@isp.example', 'joe@isp.example']);
  expect(suggest('x', [known('X', 'x@isp.example', 1), known('Xavier', 'X@isp.example', 3)], [])).toEqual([known('Xavier', 'X@isp.example', 3)]);
  expect(suggest('x', Array.from({ length: 50 }, (_, n) => known(null, `x${n}@isp.example`)), [])).toHaveLength(8);
});
