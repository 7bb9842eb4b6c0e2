import { expect, test } from 'vitest';
import { placeAt, STILL_MS } from './rest.ts';

test('a jump is asked for at once, also when the list has just changed, and what one scrolls past is not', () => {
  let place = placeAt(undefined, 0, 16, 0);
  expect(place.until).toBe(0);
  // News come, a message is read: the rows are where they were.
  place = placeAt(place, 0, 16, 1_000);
  place = placeAt(place, 49_992, 50_016, 1_010);
  expect(place.until).toBe(1_010);
  place = placeAt(place, 50_000, 50_024, 1_026);
  expect(place.until).toBe(1_026 + STILL_MS);
  // An answer that comes meanwhile does not make one wait longer, nor shorter.
  expect(placeAt(place, 50_000, 50_024, 1_050)).toBe(place);
  expect(placeAt(place, 51_000, 51_024, 2_000).until).toBe(2_000);
});
