import { expect, test } from 'vitest';
import { isAddress, isName, isRecipient, recipientCandidates } from './names.ts';

test('a recipient is looked for as it is, without its extension, then as a catch-all', () => {
  expect(recipientCandidates('Ann+News@Example.ORG')).toEqual(['ann+news@example.org', 'ann@example.org', '@example.org']);
  expect(recipientCandidates('ann@example.org')).toEqual(['ann@example.org', '@example.org']);
  expect(recipientCandidates('+x@example.org')).toEqual(['+x@example.org', '@example.org']);
  expect(recipientCandidates('ann')).toEqual(['ann']);
  expect(recipientCandidates('a@b+c.org')).toEqual(['a@b+c.org', '@b+c.org']);
});

test('names that could not be looked up again are refused', () => {
  expect(isName('ann')).toBe(true);
  expect(isName('')).toBe(false);
  expect(isName('a b')).toBe(false);
  expect(isName('a\u0000')).toBe(false);
  expect(isName('a'.repeat(321))).toBe(false);
  expect(isAddress('ann@example.org')).toBe(true);
  expect(isAddress('ann')).toBe(false);
  expect(isAddress('@example.org')).toBe(false);
  expect(isRecipient('@example.org')).toBe(true);
});
