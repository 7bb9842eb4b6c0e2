import { expect, test } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { isCrowded } from './crowded.ts';
import { refusal } from './refusal.ts';

test.each([
  ['Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)', true],
  ['Too many simultaneous connections. (Failure)', true],
  ['too many connections for this user', true],
  ['Too many open connections from user', true],
  ['Too many concurrent connections from your IP', false],
  ['Maximum connection limit reached for ::ffff:192.0.2.1', false],
  ['Too many connections.', false],
  ['Authentication failed.', false],
])('%s: of the account itself: %s', (text, own) => {
  const answer = refusal('refused', 'LOGIN', { status: 'NO', text });
  expect(isCrowded(new CausewayError('unavailable', 'new does not let us in', { cause: answer }))).toBe(own);
});

test('what is no refusal is none', () => {
  expect(isCrowded(undefined)).toBe(false);
  expect(isCrowded(new Error('too many simultaneous connections'))).toBe(false);
});
