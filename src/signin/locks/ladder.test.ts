import { expect, test } from 'vitest';
import { lockMs, nextLock } from './ladder.ts';

const MINUTE = 60_000;

test('five are free, and the locks grow', () => {
  const set = Array.from({ length: 101 }, (_, distinct) => [distinct, (lockMs(distinct) ?? 0) / MINUTE] as const).filter(([distinct, minutes]) => distinct > 0 && minutes > 0);
  expect(set).toEqual([
    [6, 1], [10, 5], [20, 30], [30, 30], [40, 30], [50, 120], [60, 120], [70, 120], [80, 120], [90, 120], [100, 120],
  ]);
});

test('the next lock is always ahead', () => {
  for (let distinct = 0; distinct <= 200; distinct++) {
    const next = nextLock(distinct);
    expect(next).toBeGreaterThan(distinct);
    expect(lockMs(next)).toBeDefined();
    for (let between = distinct + 1; between < next; between++) expect(lockMs(between)).toBeUndefined();
  }
});
