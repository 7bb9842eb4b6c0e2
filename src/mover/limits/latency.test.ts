import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createManualClock } from '#events/manual-clock.testing.ts';
import { createLatency } from './latency.ts';
import { createThrottle } from './throttle.ts';

test('a platform whose answers take four times as long as its best has grown slow; one that is far away, or slow once, has not', () => {
  const latency = createLatency(createManualClock());
  for (const ms of [900, 950, 900, 1_000, 950, 900]) expect(latency.note(ms)).toBe(false);
  for (const ms of [9_000, 900, 9_000, 950, 900, 900]) expect(latency.note(ms)).toBe(false);
  expect([4_000, 4_000, 4_000, 4_000, 4_000].map((ms) => latency.note(ms))).toContain(true);
  const near = createLatency(createManualClock());
  // Twenty times, and it is nothing.
  for (const ms of [5, 5, 5, 100, 100, 100, 100, 100]) expect(near.note(ms)).toBe(false);
});

test('a path that has become longer for good is the new measure after twenty minutes', () => {
  const clock = createManualClock();
  const latency = createLatency(clock);
  latency.note(10);
  const told = Array.from({ length: 60 }, () => {
    clock.advance(60_000);
    return latency.note(2_000);
  });
  expect(told.slice(0, 20)).toContain(true);
  expect(told.slice(25)).not.toContain(true);
});

test('whatever the answers take, latency alone leaves a platform a quarter of its moves, and the rest come back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.record({ ms: fc.nat(60_000), pause: fc.nat(90_000) }), { maxLength: 80 }), (most, answers) => {
      const clock = createManualClock();
      const throttle = createThrottle(clock, most);
      for (const { ms, pause } of answers) {
        throttle.took('a', ms);
        clock.advance(pause);
      }
      const enter = (): number => {
        let count = 0;
        while (throttle.enter(['a']) === 0) count += 1;
        for (let n = 0; n < count; n += 1) throttle.leave(['a']);
        return count;
      };
      expect(enter()).toBeGreaterThanOrEqual(Math.max(1, Math.ceil(most / 4)));
      clock.advance(most * 60_000);
      expect(enter()).toBe(most);
    }),
  );
});
