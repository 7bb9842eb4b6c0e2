import { expect, test } from 'vitest';
import { wholeCode } from './whole-code.ts';

test('a code is whole with six digits, however they are grouped', () => {
  expect([wholeCode('123456'), wholeCode('123 456'), wholeCode('123-456')]).toEqual(['123456', '123456', '123456']);
  expect([wholeCode('12345'), wholeCode('1234567'), wholeCode('abcdef'), wholeCode('')]).toEqual([undefined, undefined, undefined, undefined]);
});
