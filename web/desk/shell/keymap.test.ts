import { expect, test } from 'vitest';
import { KEYMAP } from './keymap.ts';

test('no key stands for two commands, nor begins a sequence and acts', () => {
  const all = Object.values(KEYMAP).flatMap(({ keys }) => [...keys] as string[]);
  expect(new Set(all).size).toBe(all.length);
  const firsts = all.filter((keys) => keys.includes(' ')).map((keys) => keys.split(' ')[0] ?? '');
  expect(all.filter((keys) => firsts.includes(keys))).toEqual([]);
});
