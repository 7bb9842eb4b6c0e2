import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createForecaster, forecastText, type Forecast } from './forecast.ts';
import { TRACES, type Trace } from './traces.testing.ts';

test('at a steady rate it is right, and nothing is said before there is something to say', () => {
  const forecaster = createForecaster();
  for (let s = 0; s <= 25; s += 1) {
    forecaster.seen(s * 1_000, { messages: s * 10, bytes: s * 1_000 });
    if (s < 2) expect(forecaster.left({ messages: 1_000, bytes: 100_000 })).toBeUndefined();
  }
  const left = { lowMs: expect.closeTo(75_000 / 1.3), likelyMs: expect.closeTo(75_000), highMs: expect.closeTo(75_000 * 1.3) };
  expect(forecaster.left({ messages: 1_000, bytes: 100_000 })).toEqual(left);
  expect(forecaster.left({ bytes: 100_000 })).toEqual(left);
  expect(forecaster.left({ messages: 1_000_000 })).toBeUndefined();
});

test('where messages and bytes, or then and now, say different things, it is a range that holds the truth', () => {
  const forecaster = createForecaster();
  // Small messages first: 100 s for half of the messages and a tenth of the bytes, by bytes at the same rate to the end.
  for (let s = 0; s <= 100; s += 1) forecaster.seen(s * 1_000, { messages: s * 5, bytes: s * 100 });
  const left = forecaster.left({ messages: 1_000, bytes: 100_000 })!;
  expect(left.lowMs).toBeCloseTo(100_000 / 1.3, -2);
  expect(left.highMs).toBeCloseTo(900_000, -2);
  // Throttled: for a minute a tenth of the rate.
  for (let s = 101; s <= 160; s += 1) forecaster.seen(s * 1_000, { messages: 500 + (s - 100) / 2, bytes: 10_000 });
  const slow = forecaster.left({ messages: 1_000 })!;
  expect(slow.highMs).toBeCloseTo((470 / 0.5) * 1_000, -3);
  expect(slow.lowMs).toBeLessThan(150_000);
});

test('what is likely knows both costs: small messages first, and what is left is one of 150 MB', () => {
  const forecaster = createForecaster();
  // 0.1 s a message, 10 MB a second.
  let atMs = 0;
  for (let n = 0; n <= 100; n += 1) forecaster.seen(n * 100, { messages: n, bytes: n * 2_000 });
  atMs = 10_000;
  for (let s = 1; s <= 5; s += 1) forecaster.seen(atMs + s * 1_000, { messages: 100, bytes: 200_000 + s * 10_000_000 });
  const left = forecaster.left({ messages: 101, bytes: 150_200_000 })!;
  expect(left.likelyMs / 10_100).toBeGreaterThan(0.9);
  expect(left.likelyMs / 10_100).toBeLessThan(1.1);
  expect(left.lowMs).toBeLessThan(1_000);
});

test('a target that takes the longer the fuller it is', () => {
  const forecaster = createForecaster();
  // 1 ms a message, and 1 ms more for each thousand that are there: 15 s of 60 are over at 4,477.
  const atMs = (n: number): number => n + (n * n) / 2_000;
  for (let n = 0; n <= 4_477; n += 300) forecaster.seen(atMs(n), { messages: n });
  const left = forecaster.left({ messages: 10_000 })!;
  expect(left.likelyMs / (atMs(10_000) - atMs(4_200))).toBeCloseTo(1, 1);
});

test('what was done at once, and then no more, says nothing of how its cost grows', () => {
  const forecaster = createForecaster();
  // 6 of 21 messages in the first second, then one of 150 MB at 6.25 MB a second; those behind it wait.
  forecaster.seen(0, { messages: 0, bytes: 0 });
  for (let s = 1; s <= 12; s += 1) forecaster.seen(s * 1_000, { messages: 6, bytes: 100_000 + (s - 1) * 6_250_000 });
  const left = forecaster.left({ messages: 21, bytes: 150_400_000 })!;
  expect(left.likelyMs).toBeGreaterThan(11_000);
  expect(left.likelyMs).toBeLessThan(16_000);
});

test('it does not grow with the time that it watches', () => {
  const forecaster = createForecaster();
  for (let s = 0; s < 5_000; s += 1) forecaster.seen(s * 1_000, { messages: s });
  expect(forecaster.left({ messages: 10_000 })!.likelyMs / 5_001_000).toBeCloseTo(1, 2);
});

test('one account’s move grows dearer and ends as it began, in half the time, and no other does', () => {
  const forecaster = createForecaster();
  for (let s = 0; s <= 10; s += 1) forecaster.seen(s * 1_000, { messages: 0 });
  for (let s = 1; s <= 50; s += 1) forecaster.seen(10_000 + s * 1_000, { messages: s * 20 });
  expect(forecaster.left({ messages: 2_000 })!.likelyMs).toBeCloseTo(50_000);
  // Half is left, which is taken to be a sixth dearer than what is done.
  expect(forecaster.left({ messages: 2_000 }, true)!.likelyMs).toBeCloseTo((50_000 * 7) / 6 + 5_500);
  expect(forecaster.left({ messages: 1_000 }, true)).toEqual({ lowMs: 0, likelyMs: 5_500, highMs: 5_500 });
  forecaster.seen(62_000, { messages: 1_000 });
  expect(forecaster.left({ messages: 1_000 }, true)!.likelyMs).toBe(3_500);
});

const steps = fc.array(fc.record({ ms: fc.integer({ min: 1, max: 90_000 }), messages: fc.nat(500), bytes: fc.nat(5_000_000) }), { minLength: 1, maxLength: 60 });

test('whatever comes, nothing is negative or endless, and what is likely lies in the range', () => {
  fc.assert(
    fc.property(steps, fc.nat(500), (all, more) => {
      const sum = (unit: 'messages' | 'bytes'): number => all.reduce((total, step) => total + step[unit], 0);
      const of = { messages: sum('messages') + more, bytes: sum('bytes') + more * 1_000 };
      const forecaster = createForecaster();
      const done = { messages: 0, bytes: 0 };
      let atMs = 0;
      forecaster.seen(atMs, done);
      for (const { ms, messages, bytes } of all) {
        atMs += ms;
        done.messages += messages;
        done.bytes += bytes;
        forecaster.seen(atMs, done);
        const left = forecaster.left(of, true);
        if (left === undefined) continue;
        expect(left.lowMs).toBeGreaterThanOrEqual(0);
        expect(left.likelyMs).toBeGreaterThanOrEqual(left.lowMs);
        expect(left.highMs).toBeGreaterThanOrEqual(left.likelyMs);
        expect(left.highMs).toBeLessThan(Number.POSITIVE_INFINITY);
      }
    }),
  );
});

test('it does not depend on the unit of amounts', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 20, maxLength: 60 }), fc.integer({ min: 2, max: 5_000 }), (made, times) => {
      const told = (size: number): Forecast => {
        const forecaster = createForecaster();
        let done = 0;
        made.forEach((each, s) => forecaster.seen(s * 1_000, { messages: (done += each * size) }));
        return forecaster.left({ messages: 3 * done })!;
      };
      expect(told(times).likelyMs / told(1).likelyMs).toBeCloseTo(1, 6);
    }),
  );
});

test('the longer it stands still, the later it ends, for half a minute', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 200 }), fc.integer({ min: 2, max: 28 }), (went, stands) => {
      const forecaster = createForecaster();
      for (let s = 0; s <= went; s += 1) forecaster.seen(s * 1_000, { messages: s * 10 });
      let former = forecaster.left({ messages: went * 40 })!.likelyMs;
      for (let s = 1; s <= stands; s += 1) {
        forecaster.seen((went + s) * 1_000, { messages: went * 10 });
        const { likelyMs } = forecaster.left({ messages: went * 40 })!;
        expect(likelyMs + s * 1_000).toBeGreaterThan(former);
        former = likelyMs;
      }
    }),
  );
});

/** From a quarter of the way on, at each look of `causeway move`: |told end − true end| ÷ duration. */
function worstOf({ messages, megabytes, endS, course }: Trace): number {
  const rows = course.split('; ').map((row) => row.split(' ').map(Number) as [number, number, number]);
  const forecaster = createForecaster();
  let worst = 0;
  for (let s = rows[0]![0]; s < endS; s += 0.25) {
    const [, done, size] = rows.findLast(([at]) => at <= s)!;
    forecaster.seen(s * 1_000, { messages: done, bytes: size * 1e6 });
    if (s < endS / 4) continue;
    const left = forecaster.left({ messages, bytes: megabytes * 1e6 }, true);
    worst = Math.max(worst, left === undefined ? 1 : Math.abs(s + left.likelyMs / 1_000 - endS) / endS);
  }
  return worst;
}

test.each(TRACES)('from a quarter of the way on it is within a fifth: $name', (trace) => {
  const worst = worstOf(trace);
  expect(worst, `the worst is ${(worst * 100).toFixed(0)} % off`).toBeLessThan(0.2);
});

test('in words', () => {
  expect(forecastText({ lowMs: 61_000, likelyMs: 61_200, highMs: 61_400 })).toBe('about 61 s');
  expect(forecastText({ lowMs: 200_000, likelyMs: 350_000, highMs: 560_000 })).toBe('3 to 9 min, 6 likely');
  expect(forecastText({ lowMs: 7_000_000, likelyMs: 8_000_000, highMs: 9_000_000 })).toBe('2 to 3 h, 2 likely');
});
