import { expect, test } from 'vitest';
import { bytesOf, lengthOf, msOf } from './times.ts';

test('lengths are as long as people say them', () => {
  expect([0, 40_000, 12 * 60_000, 3 * 3_600_000, 11_100_000, 52 * 3_600_000, -5].map(lengthOf)).toEqual(['0 s', '40 s', '12 min', '3 h', '3 h 5 min', '2 d 4 h', '0 s']);
  expect([850, 1_440].map(msOf)).toEqual(['850 ms', '1.4 s']);
  expect([4_200, 12e6, 1.24e9].map(bytesOf)).toEqual(['4.2 kB', '12 MB', '1.2 GB']);
});
