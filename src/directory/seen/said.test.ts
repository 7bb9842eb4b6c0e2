import fc from 'fast-check';
import { expect, test } from 'vitest';
import { saidLine } from './said.ts';

test.each([
  ['iPhone Mail 22B83', 'iPhone Mail 22B83'],
  ['caf\u00e9 \u90f5\u4fbf \u0645\u0631\u062d\u0628\u0627', 'caf\u00e9 \u90f5\u4fbf \u0645\u0631\u062d\u0628\u0627'],
  ['a\u0000b\r\nc\td\u2028e\u0085f', 'a b c d e f'],
  ['\u202egnp.exe\u2066\u200b\ufeff', 'gnp.exe'],
  ['\u001b[31mred', '[31mred'],
  ['\ud800half', 'half'],
  ['x'.repeat(10_000), 'x'.repeat(20)],
  ['\u0000'.repeat(10_000), ''],
])('%j', (text, shown) => {
  expect(saidLine(text, 20)).toBe(shown);
});

test('whatever is said, it is one line of what can be seen and kept', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.integer({ min: 1, max: 40 }), (text, length) => {
      const line = saidLine(text, length);
      expect(line.length).toBeLessThanOrEqual(length);
      expect(line.isWellFormed()).toBe(true);
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
});
