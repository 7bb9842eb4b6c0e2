import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { newSecretFault } from './new-secret.ts';

const NAMES = ['jane.doe@mail.example.org', 'jdoe'];
const fault = (secret: string): string | undefined => newSecretFault(secret, NAMES)?.fault;

test.each([
  ['seven77', 'short'],
  ['pässwör', 'short'],
  ['jane.doe@mail.example.org', 'name'],
  ['Jane.Doe2024', 'name'],
  ['jane.doe!', 'name'],
  ['Password123!', 'common'],
  ['12345678', 'common'],
  ['aaaaaaaaaaaa', 'common'],
  ['abababababab', 'common'],
  ['with a tab\tin it', 'characters'],
  [' space before', 'characters'],
  ['space after ', 'characters'],
  ['nul\0in the middle', 'characters'],
  ['x'.repeat(100) + 'yz'.repeat(20), 'long'],
  ['correct horse battery', undefined],
  ['пароль-с-кириллицей', undefined],
  ['k7$Tq!9z', undefined],
  ['all lower case letters', undefined],
])('%j: %s', (secret, expected) => {
  expect(fault(secret)).toBe(expected);
});

test('there are no rules of composition: of a random twelve letters nothing is refused', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{12}$/), (secret) => {
      fc.pre(new Set(secret).size > 4);
      expect(fault(secret)).toBeUndefined();
    }),
  );
});

test('what is said to the customer never holds the secret', () => {
  for (const secret of ['seven77', 'Password123!', 'jane.doe!']) expect(newSecretFault(secret, NAMES)!.text).not.toContain(secret);
});
