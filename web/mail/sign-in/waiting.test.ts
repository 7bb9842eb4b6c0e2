import { expect, test } from 'vitest';
import { resetToken, waitMs } from './waiting.ts';

test('waits longer each time, never before the server said, and never much more than half a minute', () => {
  expect([1, 2, 3, 4, 5, 6, 20].map((tries) => waitMs(tries, undefined, 0))).toEqual([5_000, 7_500, 11_250, 16_875, 25_313, 30_000, 30_000]);
  expect(waitMs(1, 12_000, 0)).toBe(12_000);
  expect(waitMs(20, undefined, 1)).toBe(39_000);
});

test('finds the token of a reset link in what was pasted', () => {
  const token = 'aB3_-'.repeat(8) + 'xyz';
  for (const pasted of [token, ` ${token} `, `https://my.isp.example/reset/${token}`, `https://my.isp.example/reset/${token}?x=1`, `Your link: https://my.isp.example/reset/${token}\n`]) expect(resetToken(pasted), pasted).toBe(token);
  for (const pasted of ['', 'forgotten', token.slice(1), `${token}x`, 'https://my.isp.example/reset/']) expect(resetToken(pasted), pasted).toBeUndefined();
});
