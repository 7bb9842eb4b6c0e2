import { expect, test } from 'vitest';
import { play } from './simulate.ts';
import type { PastWave, PlanWork, Size, UnderWay, WaveWork } from './work.ts';

/** A chance that is the same in every run. */
function chance(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x80000000;
  };
}

/** What these platforms take, in ms of the whole: unlike what is usual, so that it must be learnt. */
const truthMs = (accounts: number, messages: number): number => 1_000 + accounts * 200 + messages * 10;
const sizes = (n: number): Size[] => Array.from({ length: n }, (_, at) => ({ messages: 50 + ((at * 37) % 150), bytes: (50 + ((at * 37) % 150)) * 5_000 }));
const sum = (of: readonly Size[], key: keyof Size): number => of.reduce((total, size) => total + size[key], 0);
const past = (accounts: number, share = 1): PastWave => {
  const made = sizes(accounts).map(({ messages, bytes }) => ({ messages: messages * share, bytes: bytes * share }));
  return { ms: truthMs(accounts, sum(made, 'messages')), made: [accounts, sum(made, 'messages'), sum(made, 'bytes'), accounts, 1] };
};
const PAST = [past(20), past(50, 0.1), past(80, 2), past(30, 0.3), past(60), past(40, 3), past(100, 0.2), past(25)];
const wave = (more: Partial<WaveWork> = {}): WaveWork => ({ waveId: 1, state: 'running', elapsedMs: 0, done: 0, doneMade: { messages: 0, bytes: 0 }, underWay: [], queued: 0, waiting: 0, ...more });
const work = (more: Partial<PlanWork> = {}): PlanWork => ({ planId: 1, paused: false, waves: [wave()], past: [], ownSizes: [], otherSizes: sizes(50), errors: [], perHour: null, ...more });
/** So many done, at a speed. */
const begun = (done: number, queued: number, speed = 1, more: Partial<WaveWork> = {}): WaveWork =>
  wave({ done, doneMade: { messages: sum(sizes(done), 'messages'), bytes: sum(sizes(done), 'bytes') }, queued, elapsedMs: (truthMs(done, sum(sizes(done), 'messages')) - 500) * speed, ...more });

test('nothing is said before anything was seen', () => {
  expect(play(work({ waves: [wave({ queued: 10 })] }), chance())).toBeUndefined();
  expect(play(work({ waves: [wave({ underWay: [{ accountId: 1, elapsedMs: 500, messages: 50, bytes: 1, copiedMessages: 0, copiedBytes: 0 }] })] }), chance())).toBeUndefined();
});

test('of accounts like those before, the true end lies in the range, and the likely time near it', () => {
  const truth = truthMs(150, 150 * 124) - 500;
  const { plan } = play(work({ past: PAST, waves: [begun(50, 150)] }), chance())!;
  expect(plan.lowMs).toBeLessThan(truth);
  expect(plan.highMs).toBeGreaterThan(truth);
  expect(plan.likelyMs / truth).toBeGreaterThan(0.85);
  expect(plan.likelyMs / truth).toBeLessThan(1.15);
});

test('movers that begin all before the first ends: much was copied, nobody has ended, and the ends are still to pay for', () => {
  const all = sizes(100);
  const underWay = all.map((size, accountId): UnderWay => ({ accountId, elapsedMs: 5_000, ...size, copiedMessages: size.messages, copiedBytes: size.bytes }));
  const { plan } = play(work({ past: PAST, waves: [wave({ underWay, elapsedMs: sum(all, 'messages') * 10 + 8_000 })] }), chance())!;
  expect(plan.likelyMs).toBeGreaterThan(5_000);
  expect(plan.likelyMs).toBeLessThan(20_000);
});

test('what goes at half the speed takes twice as long', () => {
  const of = (speed: number): number => play(work({ past: PAST, waves: [begun(60, 140, speed)] }), chance())!.plan.likelyMs;
  expect(of(2) / of(1)).toBeGreaterThan(1.6);
  expect(of(2) / of(1)).toBeLessThan(2.2);
});

test('the better earlier forecasts were, the narrower the range', () => {
  const width = (errors: readonly number[]): number => {
    const { plan } = play(work({ past: PAST, errors, waves: [begun(50, 150)] }), chance())!;
    return (plan.highMs - plan.lowMs) / plan.likelyMs;
  };
  const good = width(Array.from({ length: 30 }, (_, at) => (at % 2 === 0 ? 0.05 : -0.05)));
  const bad = width(Array.from({ length: 30 }, (_, at) => (at % 2 === 0 ? 0.8 : -0.8)));
  expect(good).toBeLessThan(width([]));
  expect(bad).toBeGreaterThan(width([]));
});

test('one very large account at work holds the wave up, however few are left beside it', () => {
  const large = { accountId: 7, elapsedMs: 11_000, messages: 20_000, bytes: 100_000_000, copiedMessages: 1_000, copiedBytes: 5_000_000 };
  const { plan } = play(work({ past: PAST, waves: [begun(50, 4, 1, { underWay: [large] })] }), chance())!;
  expect(plan.lowMs).toBeGreaterThan(100_000);
});

test('waves end one after the other; what is done is not played', () => {
  const { waves, plan } = play(work({ past: PAST, waves: [begun(50, 0, 1, { state: 'done' }), begun(20, 20, 1, { waveId: 2 }), wave({ waveId: 3, state: 'pending', queued: 20 })] }), chance())!;
  expect([...waves.keys()]).toEqual([2, 3]);
  expect(waves.get(2)!.likelyMs).toBeLessThan(waves.get(3)!.likelyMs);
  expect(plan).toEqual(waves.get(3));
});

test('many thousand accounts are forecast in about a second', () => {
  const began = process.cpuUsage().user;
  const { plan } = play(work({ past: PAST, waves: [begun(400, 28_000)] }), chance())!;
  expect(plan.likelyMs / truthMs(28_000, 28_000 * 124)).toBeGreaterThan(0.8);
  expect(plan.likelyMs / truthMs(28_000, 28_000 * 124)).toBeLessThan(1.2);
  expect((process.cpuUsage().user - began) / 1e6, 'a generous cap on a slow machine').toBeLessThan(10);
});
