import { expect, test } from 'vitest';
import { restorationOf, type Sample } from './backlog.ts';

const every = (ms: number, counts: readonly number[]): Sample[] => counts.map((customers, at) => ({ at: at * ms, customers }));

test('at a steady rate the end lies in the range', () => {
  // From 1,000 by ten a second; 50 are left after 95 s.
  const { fromMs, toMs, height } = restorationOf(every(1_000, Array.from({ length: 40 }, (_, s) => 1_000 - s * 10)))!;
  const truth = (95 - 39) * 1_000;
  expect(height.customers).toBe(1_000);
  expect(fromMs).toBeLessThan(truth);
  expect(toMs).toBeGreaterThan(truth);
});

test('customers who try again get fewer in equal parts, and the end lies in the range', () => {
  const half = 20;
  const { fromMs, toMs } = restorationOf(every(1_000, Array.from({ length: 30 }, (_, s) => Math.round(2_000 * 0.5 ** (s / half)))))!;
  const truth = half * Math.log2(20) * 1_000 - 29_000;
  expect(fromMs).toBeLessThan(truth);
  expect(toMs).toBeGreaterThan(truth);
});

test('while it grows nothing is said; a rise begins anew', () => {
  expect(restorationOf(every(1_000, [10, 20, 40, 80]))).toBeUndefined();
  expect(restorationOf(every(1_000, [...Array.from({ length: 20 }, (_, s) => 100 - s * 4), 500, 500, 499]))).toBeUndefined();
  expect(restorationOf([])).toBeUndefined();
});

test('it is over when nineteen of twenty are served', () => {
  expect(restorationOf(every(1_000, [200, 100, 10]))).toMatchObject({ fromMs: 0, likelyMs: 0, toMs: 0 });
});
