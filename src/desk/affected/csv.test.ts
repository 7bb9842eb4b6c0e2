import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCsv } from '#directory/csv.ts';
import { csvLine } from './csv.ts';

test.each(['=1+1', '+49', '-2', '@SUM(A1)', '\t=1', ' =1', '\uff1d1', '\n=cmd|x', '\r=1', '\u0000=1', '\ufeff=1', '\u200b=1', '\u202e@SUM(A1)', '\u0085\t+1', '=HYPERLINK("http://x","""x""")'])('%j is no formula', (text) => {
  expect(csvLine([text])).toBe(`"'${text.replaceAll('"', '""')}"\r\n`);
});

test('a line is read again as it was, but for the apostrophes', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 2, maxLength: 5 }), (fields) => {
      const [record] = parseCsv(csvLine(fields), 'x');
      expect(record?.fields.map((text, at) => (text === `'${fields[at]!}` ? fields[at] : text))).toEqual(fields);
      for (const text of record?.fields ?? []) expect(text).not.toMatch(/^[=+\-@]/);
    }),
  );
  expect(csvLine(['a', 7, undefined, 'b"c'])).toBe('"a",7,,"b""c"\r\n');
});
