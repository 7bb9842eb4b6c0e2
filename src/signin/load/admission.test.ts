import { describe, expect, test } from 'vitest';
import { createManualClock, type ManualClock } from '#events/manual-clock.testing.ts';
import { createAdaptiveLimit } from './adaptive-limit.ts';
import { createAdmission } from './admission.ts';
import type { Claim } from './claim.ts';
import { COHORTS, firstCohort } from './cohorts.ts';
import { createRandom, lanes, percentile, type Shape, tokens } from '../storm.testing.ts';

/** Of the cohort that comes `rank` turns after the one at the beginning. */
const claim = (rank: number, signal?: AbortSignal): Claim => ({ standing: 1, cohort: (firstCohort(createManualClock().now()) + rank) % COHORTS, known: false, signal });

/** An admission of one place, its work taking `ms`, and what became of whom, in order. */
function small(over: Partial<Parameters<typeof createAdmission>[0]> = {}) {
  const clock = createManualClock();
  const admission = createAdmission({ concurrency: 1, queue: 1_000, patienceMs: 1_000, clock, ...over });
  const said: string[] = [];
  const come = (name: string, rank: number, ms: number, signal?: AbortSignal): void =>
    void admission
      .run(claim(rank, signal), () => clock.sleep(ms))
      .then(
        () => said.push(name),
        (error: unknown) => said.push(`${name}: ${error instanceof Error ? error.message : String(error)}`),
      );
  return { clock, admission, said, come };
}

describe('admission', () => {
  test('takes who claims most, and of equals the newest', async () => {
    const { clock, admission, said, come } = small();
    come('first', 9, 10);
    for (const [name, rank] of [['c', 3], ['a', 1], ['d', 3], ['b', 2]] as const) come(name, rank, 10);
    await clock.pass(100);
    expect(said).toEqual(['first', 'a', 'b', 'd', 'c']);
    expect([admission.running, admission.waiting, clock.sleeping]).toEqual([0, 0, 0]);
  });

  test('turns go around while they wait', async () => {
    const { clock, said, come } = small({ patienceMs: 60_000 });
    come('first', 0, 10_000);
    for (const [name, rank] of [['had its turn', 0], ['its turn', 2], ['next', 3]] as const) come(name, rank, 10);
    await clock.pass(10_100);
    expect(said).toEqual(['first', 'its turn', 'next', 'had its turn']);
  });

  test('is full for those, and only those, whom it would refuse at once', async () => {
    const { clock, admission, said, come } = small({ patienceMs: 100 });
    come('first', 0, 40);
    await clock.pass(40);
    come('running', 0, 40);
    expect(admission.isFull(claim(9))).toBe(false);
    come('a', 5, 40);
    come('b', 5, 40);
    expect([admission.isFull(claim(9)), admission.isFull(claim(4))]).toEqual([true, false]);
    come('c', 9, 40);
    await clock.pass(0);
    expect(said).toEqual(['first', 'c: no room to check']);
    await clock.pass(40);
    expect(admission.isFull(claim(9))).toBe(false);
  });

  test('refuses at once who could not be served in time: the one who claims least', async () => {
    const { clock, said, come } = small({ patienceMs: 100 });
    come('first', 0, 40);
    await clock.pass(40);
    // A piece of work takes 40 ms, so two can wait.
    for (const [name, rank] of [['runs', 1], ['b', 2], ['d', 4], ['e', 5], ['c', 3]] as const) come(name, rank, 40);
    await clock.pass(0);
    expect(said).toEqual(['first', 'e: no room to check', 'd: no room to check']);
    await clock.pass(200);
    expect(said.slice(3)).toEqual(['runs', 'b', 'c']);
  });

  test('forgets who has gone, and lets end what began', async () => {
    const { clock, admission, said, come } = small();
    const gone = new AbortController();
    come('runs', 0, 50, gone.signal);
    come('waits', 1, 10, gone.signal);
    await clock.pass(10);
    gone.abort('gone');
    await clock.pass(0);
    expect(said).toEqual(['waits: gone']);
    expect([admission.running, admission.waiting]).toEqual([1, 0]);
    await clock.pass(50);
    expect(said).toEqual(['waits: gone', 'runs']);
    come('late', 0, 10, gone.signal);
    await clock.pass(0);
    expect(said.at(-1)).toBe('late: gone');
  });

  test('lets a burst wait for as long as it takes, and keeps a queue short that does not end', async () => {
    const { clock, said, come } = small({ patienceMs: 5_000 });
    come('first', 0, 10);
    await clock.pass(10);
    for (let i = 0; i < 400; i++) come('burst', 1, 10);
    await clock.pass(5_000);
    expect(said.filter((name) => name === 'burst')).toHaveLength(400);
    for (let i = 0; i < 800; i++) {
      come('storm', 1, 10);
      come('storm', 1, 10);
      await clock.pass(10);
    }
    for (let i = 0; i < 500; i++) come('newest', 1, 10);
    await clock.pass(0);
    expect(said.filter((name) => name.startsWith('newest:')).length).toBeGreaterThan(390);
    await clock.pass(1_100);
    expect(said.filter((name) => name === 'newest').length).toBeGreaterThan(90);
  });

  test('no place is free while somebody waits, whatever the limit does', async () => {
    const limit = { limit: 1 };
    const { clock, admission, come } = small({ concurrency: limit });
    for (let i = 0; i < 5; i++) come('x', 1, 100);
    limit.limit = 4;
    come('y', 1, 100);
    expect([admission.running, admission.waiting]).toEqual([4, 2]);
    await clock.pass(300);
    expect([admission.running, admission.waiting]).toEqual([0, 0]);
  });
});

const SHAPES: Readonly<Record<string, (clock: ManualClock, random: () => number) => Shape>> = {
  'a bucket of tokens and no limit of its own': (clock) => tokens(clock, { capacity: 100, baseMs: 50 }),
  'one after another': (clock, random) => lanes(clock, random, { lanes: 1, serviceMs: 20 }),
  'as many as there are cores': (clock, random) => lanes(clock, random, { lanes: 20, serviceMs: 200 }),
  'half a second each': (clock, random) => lanes(clock, random, { lanes: 25, serviceMs: 500 }),
  'three of ten fail': (clock, random) => lanes(clock, random, { lanes: 5, serviceMs: 100, errors: 0.3 }),
};

describe.each(Object.entries(SHAPES))('a platform: %s', (_name, make) => {
  test.each([2, 10])('at %d times what it can do it is always at work, for those who are in soon', async (offered) => {
    const clock = createManualClock();
    const random = createRandom(3);
    const shape = make(clock, random);
    const limit = createAdaptiveLimit(clock);
    const admission = createAdmission({ concurrency: limit, queue: 1_000, patienceMs: 5_000, clock });
    let times: number[] = [];
    const one = async (rank: number): Promise<void> => {
      const came = clock.monotonic();
      try {
        await admission.run(claim(rank), async () => {
          const began = clock.monotonic();
          try {
            await shape.serve();
            limit.succeeded(clock.monotonic() - began, admission.running);
          } catch {
            limit.failed(clock.monotonic() - began);
          }
        });
        times.push(clock.monotonic() - came);
      } catch {
        // No room.
      }
    };
    let due = 0;
    for (let ms = 0; ms < 45_000; ms += 10) {
      for (due += (offered * shape.capacity) / 100; due >= 1; due--) void one(Math.floor(random() * 128));
      await clock.pass(10);
      if (ms === 14_990) {
        times = [];
        shape.busy(clock.monotonic());
      }
    }
    expect(times.length / 30).toBeGreaterThan(0.95 * shape.capacity);
    expect(percentile(times, 0.95)).toBeLessThan(1_700);
    expect(shape.busy(15_000)).toBeGreaterThan(0.95);
  });
});
