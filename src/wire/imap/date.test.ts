import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { formatInternalDate, parseInternalDate } from './date.ts';

it('reads dates as servers write them', () => {
  const epochMs = Date.parse('1996-07-07T09:44:25Z');
  for (const text of [' 7-Jul-1996 02:44:25 -0700', '07-Jul-1996 02:44:25 -0700', '7-JUL-1996 02:44:25 -0700']) {
    expect(parseInternalDate(text)).toEqual({ epochMs, offsetMinutes: -420 });
  }
  expect(parseInternalDate('29-Feb-2024 23:59:60 +0545')).toEqual({ epochMs: Date.parse('2024-02-29T18:15:00Z'), offsetMinutes: 345 });
  expect(parseInternalDate('01-Jan-0001 00:00:00 -0000')).toEqual({ epochMs: Date.parse('0001-01-01T00:00:00Z'), offsetMinutes: 0 });
});

it('writes them', () => {
  expect(formatInternalDate(Date.parse('1996-07-17T09:44:25.999Z'), -420)).toBe('17-Jul-1996 02:44:25 -0700');
  expect(formatInternalDate(0)).toBe(' 1-Jan-1970 00:00:00 +0000');
});

it('refuses what is no date', () => {
  const texts = [
    '', 'x', '17-Jul-1996', '17-Jul-1996 02:44:25', '31-Feb-1996 00:00:00 +0000', '00-Jan-1996 00:00:00 +0000', '17-Foo-1996 00:00:00 +0000',
    '17-Jul-1996 24:00:00 +0000', '17-Jul-1996 00:60:00 +0000', '17-Jul-1996 00:00:61 +0000', '17-Jul-1996 00:00:00 +2400',
    '17-Jul-1996 00:00:00 +0060', '17-Jul-96 00:00:00 +0000', '17-Jul-1996 00:00:00 +0000 ', '1-Jan-1970 00:00:00 UTC',
  ];
  for (const text of texts) expect(() => parseInternalDate(text), text).toThrow(CausewayError);
  for (const epochMs of [NaN, Infinity, 8.64e15, -8.64e15]) expect(() => formatInternalDate(epochMs)).toThrow(CausewayError);
  expect(() => formatInternalDate(0, 1440)).toThrow(CausewayError);
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(() => parseInternalDate(text)).toThrow(CausewayError);
    }),
  );
});

it('reads back every date it wrote', () => {
  const seconds = fc.integer({ min: Date.parse('0001-01-02') / 1000, max: Date.parse('9999-12-30') / 1000 });
  fc.assert(
    fc.property(seconds, fc.integer({ min: -1439, max: 1439 }), (second, offsetMinutes) => {
      const epochMs = second * 1000;
      expect(parseInternalDate(formatInternalDate(epochMs, offsetMinutes))).toEqual({ epochMs, offsetMinutes });
    }),
  );
});
