import { expect, test } from 'vitest';
import { createForecaster, forecastText } from './forecast.ts';

test('at a steady rate it is right, and nothing is said before there is something to say', () => {
  const forecaster = createForecaster();
  for (let s = 0; s <= 25; s += 1) {
    forecaster.seen(s * 1_000, { messages: s * 10, bytes: s * 1_000 });
    if (s < 2) expect(forecaster.left({ messages: 1_000, bytes: 100_000 })).toBeUndefined();
  }
  expect(forecaster.left({ messages: 1_000, bytes: 100_000 })).toEqual({ lowMs: 75_000, highMs: 75_000 });
  expect(forecaster.left({ bytes: 100_000 })).toEqual({ lowMs: 75_000, highMs: 75_000 });
  expect(forecaster.left({ messages: 1_000_000 })).toBeUndefined();
});

test('where messages and bytes, or then and now, say different things, it is a range that holds the truth', () => {
  const forecaster = createForecaster();
  // Small messages first: 100 s for half of the messages and a tenth of the bytes, by bytes at the same rate to the end.
  for (let s = 0; s <= 100; s += 1) forecaster.seen(s * 1_000, { messages: s * 5, bytes: s * 100 });
  const left = forecaster.left({ messages: 1_000, bytes: 100_000 })!;
  expect(left.lowMs).toBeCloseTo(100_000, -2);
  expect(left.highMs).toBeCloseTo(900_000, -2);
  // Throttled: for a minute a tenth of the rate.
  for (let s = 101; s <= 160; s += 1) forecaster.seen(s * 1_000, { messages: 500 + (s - 100) / 2, bytes: 10_000 });
  const slow = forecaster.left({ messages: 1_000 })!;
  expect(slow.highMs).toBeCloseTo((470 / 0.5) * 1_000, -3);
  expect(slow.lowMs).toBeLessThan(150_000);
});

test('in words', () => {
  expect(forecastText({ lowMs: 61_000, highMs: 61_400 })).toBe('about 61 s');
  expect(forecastText({ lowMs: 200_000, highMs: 560_000 })).toBe('3 to 9 min');
  expect(forecastText({ lowMs: 7_000_000, highMs: 9_000_000 })).toBe('2 to 3 h');
});
