import { expect, test } from 'vitest';
import { parseLine } from '#wire/imap/tokens.ts';
import { deviceOfId } from './client-id.ts';

const said = (line: string): string => deviceOfId(parseLine([Buffer.from(line)]));

test('a client is what it says: name, version, system', () => {
  expect(said('("name" "iPhone Mail" "version" "22B83" "os" "iOS" "os-version" "18.1 (22B83)")')).toBe('iPhone Mail 22B83, iOS 18.1 (22B83)');
  expect(said('("NAME" "Thunderbird" "version" "128.5.0" "date" "x")')).toBe('Thunderbird 128.5.0');
  expect(said('("vendor" "Samsung" "os" NIL)')).toBe('Samsung');
});

test('who says nothing, or nonsense, has no name, and a long one is cut', () => {
  expect(said('NIL')).toBe('');
  expect(said('("name")')).toBe('');
  expect(said('("name" ("a"))')).toBe('');
  expect(said(`("name" "${'x'.repeat(500)}\u0007")`)).toHaveLength(100);
});
