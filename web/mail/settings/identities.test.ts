import { expect, test } from 'vitest';
import { addressesOf, plainTextOf, typedOf } from './identities.ts';

test('addresses as people type them, and what is none', () => {
  expect(addressesOf(' ')).toBeNull();
  expect(addressesOf('Jane Doe <jane@example.net>; john@example.net,"A B" <ab@example.net>')).toEqual([
    { name: 'Jane Doe', email: 'jane@example.net' },
    { name: null, email: 'john@example.net' },
    { name: 'A B', email: 'ab@example.net' },
  ]);
  for (const wrong of ['jane', 'jane@', 'a@b@c', '<a@b> c', 'jane <jane>']) expect(addressesOf(wrong), wrong).toBeUndefined();
  expect(addressesOf(typedOf([{ name: 'Jane', email: 'jane@example.net' }, { name: null, email: 'b@example.net' }]))).toHaveLength(2);
});

test('a signature as plain text', () => {
  expect(plainTextOf('<p>Jane &amp; <b>John</b><br>Tel. 1</p><p><a href="https://example.net/">our page</a> <a href="https://example.net/">example.net</a></p>')).toBe('Jane & John\nTel. 1\nour page (https://example.net/) https://example.net/');
  expect(plainTextOf('<p></p>')).toBe('');
});
