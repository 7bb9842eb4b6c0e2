import { expect, test } from 'vitest';
import { claimOf } from './claim.ts';
import { createFlights } from './flights.ts';

test('equal work is done once, claimed as the best of those who wait would, and given up when the last has gone', async () => {
  const flights = createFlights<string>();
  const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()];
  const seen: { standing: number; signal: AbortSignal | undefined }[] = [];
  const work = (claim: (typeof seen)[number]): Promise<string> => {
    seen.push(claim);
    return new Promise((_resolve, reject) => claim.signal?.addEventListener('abort', () => reject(new Error('given up'))));
  };
  const come = (known: boolean, { signal }: AbortController): Promise<unknown> => flights.fly('key', claimOf(1, { known, putOff: false, signal }), work).catch((error: Error) => error.message);
  const waits = [come(false, first)];
  expect(seen).toMatchObject([{ standing: 1 }]);
  waits.push(come(true, second));
  expect(seen).toMatchObject([{ standing: 0 }]);
  first.abort();
  expect([seen[0]!.signal?.aborted, flights.has('key')]).toEqual([false, true]);
  second.abort();
  expect([seen[0]!.signal?.aborted, flights.has('key')]).toEqual([true, false]);
  waits.push(come(false, third));
  expect(seen).toHaveLength(2);
  third.abort();
  expect(await Promise.all(waits)).toEqual(['given up', 'given up', 'given up']);
});
