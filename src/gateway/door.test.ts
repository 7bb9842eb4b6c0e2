import { expect, test } from 'vitest';
import { createManualClock } from '#events/manual-clock.testing.ts';
import { createDoor, watchLateness } from './door.ts';

function world() {
  const clock = createManualClock();
  let late = 0;
  const door = createDoor(clock, (own, tell) => watchLateness(own, () => tell(late)));
  const let_ = { in: 0, out: 0 };
  const come = (known = false, gone = new AbortController().signal): void => void door.enter(known, gone).then((inside) => (let_[inside ? 'in' : 'out'] += 1));
  return { clock, door, let_, come, slow: (ms: number) => void (late = ms) };
}

test('nobody waits before a worker that keeps up', async () => {
  const { clock, door, let_, come } = world();
  for (let i = 0; i < 1_000; i++) come();
  await clock.pass(0);
  expect(let_).toEqual({ in: 1_000, out: 0 });
  door.close();
});

test('strangers are let in as fast as it keeps up, known networks always; who waits in vain is sent away', async () => {
  const { clock, door, let_, come, slow } = world();
  const second = async (each: number): Promise<void> => {
    for (let i = 0; i < 10; i++) {
      for (let n = 0; n < each / 10; n++) come();
      await clock.pass(100);
    }
  };
  for (let i = 0; i < 5; i++) await second(400);
  slow(1_000);
  for (let i = 0; i < 10; i++) await second(400);
  const before = { ...let_ };
  await second(400);
  expect(let_.in - before.in).toBeLessThan(60);
  expect(let_.in - before.in).toBeGreaterThan(40);
  expect(let_.out).toBeGreaterThan(1_000);
  come(true);
  await clock.pass(0);
  expect(let_.in - before.in).toBeGreaterThan(40);
  // It keeps up again: within seconds nobody waits.
  slow(0);
  for (let i = 0; i < 15; i++) await second(400);
  const after = { ...let_ };
  await second(400);
  expect([let_.in - after.in, let_.out - after.out]).toEqual([400, 0]);
  door.close();
});

test('who has gone waits no more', async () => {
  const { clock, door, let_, come, slow } = world();
  slow(1_000);
  await clock.pass(300);
  const gone = new AbortController();
  for (let i = 0; i < 300; i++) come(false, gone.signal);
  gone.abort();
  await clock.pass(0);
  expect(let_.in + let_.out).toBe(300);
  door.close();
});

test('what serve says of itself counts as well, as long as it is fresh', async () => {
  const { clock, door, let_, come } = world();
  for (let i = 0; i < 60; i++) {
    for (let n = 0; n < 40; n++) come();
    if (i < 40) door.late(1_000);
    await clock.pass(100);
  }
  expect(let_.in).toBeLessThan(1_200);
  await clock.pass(10_000);
  const before = let_.in;
  for (let n = 0; n < 200; n++) come();
  await clock.pass(0);
  expect(let_.in - before).toBe(200);
  door.close();
});

test('a process is late when it is so at several looks in a row', async () => {
  const clock = createManualClock();
  let stopped = 0;
  const said: number[] = [];
  // What was due comes late by as much as the process was stopped.
  const slow = { ...clock, after: (ms: number, act: () => void) => clock.after(ms + stopped, act) };
  const stop = watchLateness(slow, (late) => said.push(late));
  await clock.pass(500);
  stopped = 2_000;
  await clock.pass(150); // one look is set meanwhile
  stopped = 0;
  await clock.pass(2_500);
  expect(Math.max(...said)).toBe(0);
  stopped = 700;
  await clock.pass(5_000);
  expect(said.at(-1)).toBe(700);
  stop();
  await clock.pass(5_000);
  expect(clock.sleeping).toBe(0);
});
