import { expect, test } from 'vitest';
import { createManualClock } from '#events/manual-clock.testing.ts';
import { createTries } from './tries.ts';

const never = new AbortController().signal;
const wrong = async (): Promise<boolean> => false;
const right = async (): Promise<boolean> => true;

/** @returns what came of it, and after how many seconds */
async function waited<T>(clock: ReturnType<typeof createManualClock>, work: Promise<T>): Promise<{ value: T; seconds: number }> {
  const since = clock.now();
  let done: { value: T } | undefined;
  void work.then((value) => (done = { value }));
  for (let n = 0; n < 200 && done === undefined; n += 1) {
    await clock.pass(n === 0 ? 0 : 500);
    await new Promise(setImmediate);
  }
  if (done === undefined) throw new Error('it waits for ever');
  return { ...done, seconds: (clock.now() - since) / 1_000 };
}

test('a right password is let in after any number of wrong ones, at once from a browser of its own, within ten seconds from where they came', async () => {
  const clock = createManualClock(0);
  const { judge } = createTries(clock);
  const stranger = { name: 'ana', subscriber: '192.0.2.1', known: undefined };
  for (let n = 0; n < 60; n += 1) expect((await waited(clock, judge(stranger, wrong, never))).value).toBe(false);
  expect(await waited(clock, judge({ ...stranger, known: 'browser' }, right, never))).toEqual({ value: true, seconds: 0 });
  expect(await waited(clock, judge({ ...stranger, subscriber: '192.0.2.2' }, right, never))).toEqual({ value: true, seconds: 0 });
  const late = await waited(clock, judge(stranger, right, never));
  expect(late.value).toBe(true);
  expect(late.seconds).toBeLessThanOrEqual(10);
  expect(await waited(clock, judge(stranger, right, never))).toEqual({ value: true, seconds: 0 });
});

test('a hundred networks guess no faster than one; the owner does not notice', async () => {
  const clock = createManualClock(0);
  const { judge } = createTries(clock);
  for (let n = 0; n < 100; n += 1) await waited(clock, judge({ name: 'ana', subscriber: `192.0.2.${n}`, known: undefined }, wrong, never));
  const next = await waited(clock, judge({ name: 'ana', subscriber: '198.51.100.1', known: undefined }, wrong, never));
  expect(next.seconds).toBe(10);
  expect((await waited(clock, judge({ name: 'ana', subscriber: '198.51.100.2', known: 'browser' }, right, never))).seconds).toBe(0);
  expect((await waited(clock, judge({ name: 'ben', subscriber: '198.51.100.2', known: undefined }, right, never))).seconds).toBe(0);
});

test('of one name from one network few wait; the others are told so, and not that they are wrong', async () => {
  const clock = createManualClock(0);
  const { judge } = createTries(clock);
  const who = { name: 'ana', subscriber: '192.0.2.1', known: undefined };
  for (let n = 0; n < 5; n += 1) await waited(clock, judge(who, wrong, never));
  const waiting = [judge(who, wrong, never), judge(who, wrong, never), judge(who, wrong, never)];
  await expect(judge(who, right, never)).rejects.toMatchObject({ code: 'limit' });
  for (const each of waiting) expect((await waited(clock, each)).value).toBe(false);
  expect((await waited(clock, judge(who, right, never))).value).toBe(true);
});
