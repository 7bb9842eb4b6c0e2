import { describe, expect, test } from 'vitest';
import { createManualClock } from '#events/manual-clock.testing.ts';
import { createHoldBack, HELD_LIMIT } from './hold-back.ts';

const never = new AbortController().signal;

/** Holds `n` refusals now; when each was let go, ms from now. */
async function hold(n: number, { waitedMs = 0, random = 0.5 } = {}) {
  const clock = createManualClock();
  await clock.pass(20_000);
  const began = clock.monotonic();
  const holdBack = createHoldBack(clock, () => random);
  const ended: number[] = [];
  for (let i = 0; i < n; i++) void holdBack(began - waitedMs, never).then(() => ended.push(clock.monotonic() - began));
  await clock.pass(0);
  return { clock, ended, holdBack };
}

describe('refusals', () => {
  test('are held for two to three seconds, the longer the more there are, never beyond ten from the secret', async () => {
    const few = await hold(10);
    await few.clock.pass(20_000);
    expect(Math.min(...few.ended)).toBe(2_500);
    const many = await hold(4_000, { random: 1 });
    await many.clock.pass(20_000);
    expect(Math.max(...many.ended)).toBeGreaterThan(5_000);
    expect(Math.max(...many.ended)).toBeLessThan(10_000);
    const late = await hold(10, { waitedMs: 9_000 });
    await late.clock.pass(20_000);
    expect(Math.max(...late.ended)).toBe(1_000);
    const tooLate = await hold(1, { waitedMs: 10_500 });
    expect(tooLate.ended).toEqual([0]);
  });

  test('above the cap are given at once, so a storm takes no more sockets than it', async () => {
    const { clock, ended } = await hold(HELD_LIMIT + 2_000);
    expect(ended).toHaveLength(2_000);
    await clock.pass(20_000);
    expect(ended).toHaveLength(HELD_LIMIT + 2_000);
  });

  test('of clients that went are held no more', async () => {
    const { clock, holdBack, ended } = await hold(HELD_LIMIT);
    const gone = new AbortController();
    let said = false;
    void holdBack(clock.monotonic(), gone.signal).then(() => (said = true));
    await clock.pass(0);
    expect([said, ended.length]).toEqual([true, 0]);
    await clock.pass(20_000);
    said = false;
    void holdBack(clock.monotonic(), gone.signal).then(() => (said = true));
    await clock.pass(10);
    expect(said).toBe(false);
    gone.abort();
    await clock.pass(0);
    expect(said).toBe(true);
    expect(clock.sleeping).toBe(0);
  });
});
