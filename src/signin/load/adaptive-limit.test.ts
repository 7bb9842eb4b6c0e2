import { describe, expect, test } from 'vitest';
import { createManualClock } from '#events/manual-clock.testing.ts';
import { createAdaptiveLimit } from './adaptive-limit.ts';
import { createAdmission } from './admission.ts';
import { BESIDE } from './claim.ts';

/** A platform with `lanes`, each sign-in taking a lane for `serviceMs`, ±20 %; more than that wait in its own queue. */
function platform(clock: ReturnType<typeof createManualClock>, server: { lanes: number; serviceMs: number }) {
  const free = new Map<number, number>();
  let seed = 1;
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  return async (): Promise<void> => {
    const now = clock.monotonic();
    let [lane, at] = [0, Infinity];
    for (let i = 0; i < server.lanes; i++) if ((free.get(i) ?? 0) < at) [lane, at] = [i, free.get(i) ?? 0];
    const ends = Math.max(now, at) + server.serviceMs * (0.8 + 0.4 * random());
    free.set(lane, ends);
    await clock.sleep(ends - now);
  };
}

/** A storm that always fills the queue, and what of it got through. */
function storm(server: { lanes: number; serviceMs: number }) {
  const clock = createManualClock();
  const adaptive = createAdaptiveLimit(clock);
  const limiter = createAdmission({ concurrency: adaptive, queue: 32, patienceMs: 8000, clock });
  const signIn = platform(clock, server);
  let done = 0;
  let slowest = 0;
  const one = async (): Promise<void> => {
    try {
      await limiter.run(BESIDE, async () => {
        const began = clock.monotonic();
        await signIn();
        const took = clock.monotonic() - began;
        done += 1;
        slowest = Math.max(slowest, took);
        adaptive.succeeded(took, limiter.running);
      });
    } catch {
      // No room; the next one comes.
    }
  };
  return {
    adaptive,
    /** Goodput a second and the slowest sign-in over `seconds`. */
    async run(seconds: number): Promise<{ goodput: number; slowest: number }> {
      [done, slowest] = [0, 0];
      for (let ms = 0; ms < seconds * 1000; ms += 20) {
        while (limiter.waiting < 32) {
          const before = limiter.waiting + limiter.running;
          void one();
          if (limiter.waiting + limiter.running === before) break;
        }
        await clock.pass(20);
      }
      return { goodput: done / seconds, slowest };
    },
  };
}

describe('the adaptive limit', () => {
  test('finds a capacity above it within a few seconds', async () => {
    const world = storm({ lanes: 120, serviceMs: 200 });
    await world.run(5);
    expect(world.adaptive.limit).toBeGreaterThan(115);
    const { goodput, slowest } = await world.run(2);
    expect(goodput).toBeGreaterThan(0.95 * 600);
    expect(slowest).toBeLessThan(2.2 * 200);
  });

  test('finds a capacity below it, and keeps the queue short', async () => {
    const world = storm({ lanes: 6, serviceMs: 100 });
    await world.run(10);
    const { goodput, slowest } = await world.run(2);
    expect(goodput).toBeGreaterThan(0.95 * 60);
    expect(world.adaptive.limit).toBeLessThan(25);
    expect(slowest).toBeLessThan(500);
  });

  test('backs off when latency grows, and comes back', async () => {
    const server = { lanes: 60, serviceMs: 100 };
    const world = storm(server);
    await world.run(4);
    expect(world.adaptive.limit).toBeGreaterThan(60);
    // Another tenant takes most of the platform.
    server.lanes = 10;
    await world.run(25);
    expect(world.adaptive.limit).toBeLessThan(35);
    server.lanes = 60;
    await world.run(4);
    expect((await world.run(1)).goodput).toBeGreaterThan(0.95 * 600);
  });

  test('does not creep up over minutes under full load', async () => {
    const world = storm({ lanes: 8, serviceMs: 200 });
    await world.run(200);
    expect(world.adaptive.limit).toBeLessThan(25);
    expect((await world.run(35)).goodput).toBeGreaterThan(0.93 * 40);
  });

  test('takes a latency that is higher for good as the new best', async () => {
    const server = { lanes: 20, serviceMs: 20 };
    const world = storm(server);
    await world.run(3);
    server.serviceMs = 200;
    await world.run(45);
    expect((await world.run(2)).goodput).toBeGreaterThan(0.9 * 100);
  });

  test('grows only when it is what holds work back, and stays within its bounds', async () => {
    const clock = createManualClock();
    const adaptive = createAdaptiveLimit(clock);
    const window = async (ms: number, running: number, samples = 8): Promise<void> => {
      await clock.pass(200 + ms);
      for (let i = 0; i < samples; i++) adaptive.succeeded(ms, running);
    };
    for (let i = 0; i < 20; i++) await window(50, 3);
    expect(adaptive.limit).toBe(32);
    for (let i = 0; i < 60; i++) await window(50, adaptive.limit);
    expect(adaptive.limit).toBe(256);
    for (let i = 0; i < 40; i++) await window(500, adaptive.limit, 60);
    expect(adaptive.limit).toBe(4);
  });

  test('shrinks with failures', async () => {
    const clock = createManualClock();
    const adaptive = createAdaptiveLimit(clock);
    for (let i = 0; i < 50; i++) {
      await clock.pass(20);
      adaptive.failed(5);
    }
    expect(adaptive.limit).toBe(4);
  });

  test('does not shrink for long with failures that do not become fewer', async () => {
    const clock = createManualClock();
    const adaptive = createAdaptiveLimit(clock);
    const limits: number[] = [];
    for (let i = 0; i < 2000; i++) {
      await clock.pass(10);
      if (i % 3 === 0) adaptive.failed(10);
      else adaptive.succeeded(10, adaptive.limit);
      limits.push(adaptive.limit);
    }
    expect(limits.filter((limit) => limit >= 32).length / limits.length).toBeGreaterThan(0.9);
  });

  test('begins from below after an outage', async () => {
    const clock = createManualClock();
    const adaptive = createAdaptiveLimit(clock);
    adaptive.restart();
    expect(adaptive.limit).toBe(4);
    for (let i = 0; i < 400; i++) {
      await clock.pass(10);
      adaptive.succeeded(10, adaptive.limit);
    }
    expect(adaptive.limit).toBeGreaterThan(100);
  });

  test('bears a latency that does not come from how much runs', async () => {
    const clock = createManualClock();
    const adaptive = createAdaptiveLimit(clock);
    const limits: number[] = [];
    const limiter = createAdmission({ concurrency: adaptive, queue: 100, patienceMs: 5_000, clock });
    const one = async (): Promise<void> => {
      await limiter.run(BESIDE, async () => {
        // A platform without bounds, behind a busy machine.
        const ms = clock.monotonic() < 2_000 ? 100 : 700;
        await clock.sleep(ms);
        adaptive.succeeded(ms, limiter.running);
      });
    };
    for (let i = 0; i < 6_000; i++) {
      while (limiter.waiting < 10) void one();
      await clock.pass(5);
      limits.push(adaptive.limit);
    }
    expect(Math.min(...limits.slice(400))).toBeGreaterThan(0.6 * limits[399]!);
  });
});
