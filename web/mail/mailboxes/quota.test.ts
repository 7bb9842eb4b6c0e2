import { expect, test } from 'vitest';
import { sizeText } from '#ui/size-text.ts';
import { fullest, fullnessOf } from './quota.ts';

test('octets, as people count them', () => {
  expect([0, 999, 1_500, 999_999, 12_345_678, 2_000_000_000].map((count) => sizeText(count, 'en').replaceAll('\u00a0', ' '))).toEqual(['0 bytes', '999 bytes', '1.5 kB', '1,000 kB', '12 MB', '2 GB']);
});

test('of several quotas the fullest one counts, and only those with a limit', () => {
  const quota = (id: string, used: number, hardLimit: number, resourceType: 'octets' | 'count' = 'octets') => ({ id, used, hardLimit, resourceType });
  expect(fullest([quota('a', 10, 100), quota('b', 90, 100), quota('c', 99, 100, 'count'), quota('d', 5, 0)])?.id).toBe('b');
  expect(fullest([])).toBeNull();
});

test('a mailbox is full when an ordinary message has no room, whatever is left of it in parts', () => {
  const of = (used: number, hardLimit: number) => fullnessOf({ id: 'a', resourceType: 'octets', used, hardLimit });
  expect([of(0, 1e9), of(0.89e9, 1e9), of(0.9e9, 1e9), of(0.9998e9, 1e9), of(0.99999e9, 1e9), of(2e9, 1e9)]).toEqual(['roomy', 'roomy', 'nearly', 'nearly', 'full', 'full']);
});
