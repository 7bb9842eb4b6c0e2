import { expect, test } from 'vitest';
import { fileName, uniqueNames } from './file-names.ts';

test('a subject is a file’s name, and nothing else', () => {
  expect(fileName('2026-11-26', 'Re: ../../etc/passwd')).toBe('2026-11-26 Re .. .. etc passwd');
  expect(fileName('2026-11-26', 'invoice\u202Efdp.exe\0')).toBe('2026-11-26 invoice fdp.exe');
  expect(fileName('2026-11-26', '  ')).toBe('2026-11-26');
  expect(fileName('2026-11-26', 'ends with dots...')).toBe('2026-11-26 ends with dots');
  expect([...fileName('2026-11-26', '🎉'.repeat(300))].length).toBeLessThan(100);
});

test('no two are equal, also where case does not count', () => {
  expect(uniqueNames(['a', 'A', 'a', 'b'], '.eml')).toEqual(['a.eml', 'A (2).eml', 'a (3).eml', 'b.eml']);
});
