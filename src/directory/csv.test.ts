import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CausewayError } from '#errors/index.ts';
import { parseCsv } from './csv.ts';

const fields = (text: string): (readonly string[])[] => parseCsv(text, 'f').map((record) => record.fields);

test('reads quotes, doubled quotes, line ends inside fields, and empty fields', () => {
  expect(fields('a,b\r\n"x, ""y""\r\nz",\r\n\n"",1')).toEqual([['a', 'b'], ['x, "y"\r\nz', ''], ['', '1']]);
  expect(fields('a,')).toEqual([['a', '']]);
  expect(fields('')).toEqual([]);
});

test('knows the line on which a record begins', () => {
  expect(parseCsv('a\n"b\nc"\n\nd\n', 'f').map(({ line }) => line)).toEqual([1, 2, 5]);
});

test('names the line of a wrong quote', () => {
  expect(() => parseCsv('a\nb"c\n', 'f')).toThrow(expect.objectContaining({ code: 'input', place: 'f:2' }));
  expect(() => parseCsv('a\n"b\nc\n', 'f')).toThrow(expect.objectContaining({ place: 'f:2' }));
  expect(() => parseCsv('"a"b', 'f')).toThrow(expect.objectContaining({ place: 'f:1' }));
});

test('what was written quoted is read back', () => {
  const quote = (value: string): string => `"${value.replaceAll('"', '""')}"`;
  fc.assert(
    fc.property(fc.array(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 2, maxLength: 4 })), (rows) => {
      expect(fields(rows.map((row) => row.map(quote).join(',')).join('\r\n'))).toEqual(rows);
    }),
    { numRuns: 200 },
  );
});

test('any text ends in records or in an input error', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', 'a') }), (text) => {
      try {
        parseCsv(text, 'f');
      } catch (error) {
        expect(error).toBeInstanceOf(CausewayError);
      }
    }),
    { numRuns: 500 },
  );
});
