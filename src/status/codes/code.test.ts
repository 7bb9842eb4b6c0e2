import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeCode, readCode } from './code.ts';

describe('a code of a letter', () => {
  test('is read however it is typed', () => {
    for (let i = 0; i < 200; i++) {
      const code = makeCode();
      expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
      const kept = code.replaceAll('-', '');
      expect(readCode(code)).toBe(kept);
      expect(readCode(` ${code.toLowerCase().replaceAll('-', ' ')} `)).toBe(kept);
      expect(readCode(kept.replaceAll('0', 'o').replaceAll('1', 'l'))).toBe(kept);
    }
  });

  test('any one wrong character shows', () => {
    const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 15 }), fc.constantFrom(...alphabet), (at, character) => {
        const kept = makeCode().replaceAll('-', '');
        const wrong = kept.slice(0, at) + character + kept.slice(at + 1);
        return wrong === kept || readCode(wrong) === undefined;
      }),
    );
  });

  test('what is none is none', () => {
    for (const text of ['', 'jane@isp.example', '0000', `${'0'.repeat(15)}1`, 'U'.repeat(16), '0'.repeat(17)]) expect(readCode(text)).toBeUndefined();
  });
});
