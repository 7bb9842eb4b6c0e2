import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import { openQueue } from '#store/queue.ts';
import type { Queue } from '#store/queue.ts';
import { holdTimes, openMoves, readMoves } from './read.ts';
import { requestMove } from './request.ts';
import { mail, openBench } from './testing.ts';
import type { Bench } from './testing.ts';
import { createMoverWorker, MOVE_QUEUE, sweepMoves } from './worker.ts';

let bench: Bench;
let queue: Queue;
beforeAll(async () => {
  bench = await openBench();
  queue = await openQueue(bench.test.connection, { queues: [MOVE_QUEUE], supervise: true, emit: silent, clock: systemClock });
});
afterAll(async () => {
  await queue.close();
  await bench.close();
});

test('two workers carry a wave; a paused wave begins nothing', async () => {
  const accounts: number[] = [];
  for (let n = 0; n < 6; n += 1) {
    accounts.push(await bench.account(`wave${n}@example.org`, { INBOX: Array.from({ length: 5 * n }, (_, m) => mail(`m${m}`)) }));
  }
  const moves = await bench.store.transaction(async (tx) => {
    const ids: number[] = [];
    for (const accountId of accounts) ids.push(await requestMove(tx, { accountId, source: 'old', target: 'new', waveId: 7 }));
    return ids;
  });
  let paused = true;
  const worker = (owner: string) =>
    createMoverWorker({
      store: bench.store,
      queue,
      platforms: bench.platforms(),
      clock: systemClock,
      emit: silent,
      receiptKey: bench.receiptKey,
      owner,
      mayGoOn: async ({ wave_id: wave }) => wave === 7 && !paused,
      maxConcurrent: 2,
    });
  const workers = [worker('a'), worker('b')];
  expect(await sweepMoves({ store: bench.store, queue })).toBe(6);
  expect(await sweepMoves({ store: bench.store, queue })).toBe(0);
  await systemClock.sleep(600);
  expect((await openMoves(bench.store)).map((move) => [move.waveId, move.state])).toEqual(Array.from({ length: 6 }, () => [7, 'queued']));
  paused = false;
  while ((await openMoves(bench.store)).length > 0) {
    await systemClock.sleep(100);
    await sweepMoves({ store: bench.store, queue });
  }
  await Promise.all(workers.map((each) => each.stop()));
  expect(workers.map((each) => each.busy())).toEqual([0, 0]);
  expect((await readMoves(bench.store, moves)).map(({ state }) => state)).toEqual(Array.from({ length: 6 }, () => 'moved'));
  expect((await readMoves(bench.store, moves)).every((move) => move.state === 'moved' && move.copiedMessages === move.messages)).toBe(true);
  expect(await holdTimes(bench.store)).toHaveLength(6);
  for (let n = 0; n < 6; n += 1) {
    expect(await bench.contents('new', `wave${n}@example.org`)).toEqual(await bench.contents('old', `wave${n}@example.org`));
  }
});
