import fc from 'fast-check';
import { expect, test } from 'vitest';
import { marks } from './marks.ts';

test('words in any order, whatever their case and accents', () => {
  expect(marks('José Álvarez', 'alv jos')).toEqual([
    { text: 'Jos', isFound: true },
    { text: 'é ', isFound: false },
    { text: 'Álv', isFound: true },
    { text: 'arez', isFound: false },
  ]);
});

test('whatever is asked, nothing of the text is lost', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, query) => {
      expect(marks(text, query).map((part) => part.text).join('')).toBe(text);
    }),
  );
});
