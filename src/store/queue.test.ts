import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import { openQueue } from './queue.ts';
import type { Queue } from './queue.ts';
import { openTestStore } from './testing.ts';
import type { TestStore } from './testing.ts';

const options = { queues: ['move'], emit: silent, clock: systemClock };
let t: TestStore;
let queue: Queue;
beforeAll(async () => {
  t = await openTestStore([]);
  queue = await openQueue(t.connection, { ...options, supervise: true });
});
afterAll(async () => {
  await queue.close();
  await t.close();
});

test('one job for each key is queued or active, and the next can be sent when it is completed', async () => {
  expect(await queue.send('move', { id: 1 }, { singletonKey: '1' })).toBe(true);
  expect(await queue.send('move', { id: 1 }, { singletonKey: '1' })).toBe(false);
  expect(await queue.send('move', { id: 2 }, { singletonKey: '2' })).toBe(true);
  const worker = await openQueue(t.connection, { ...options, supervise: false });
  const jobs = (await worker.fetch<{ id: number }>('move', 10)).sort((a, b) => a.data.id - b.data.id);
  expect(jobs.map(({ data }) => data.id)).toEqual([1, 2]);
  expect(await worker.fetch('move', 10)).toEqual([]);
  expect(await queue.send('move', { id: 1 }, { singletonKey: '1' })).toBe(false);
  const [first, second] = jobs;
  if (first === undefined || second === undefined) throw new Error('two jobs were there');
  expect(await worker.complete(first)).toBe(true);
  expect(await worker.complete(first)).toBe(false);
  expect(await worker.again(second, { data: { id: 2, round: 2 } })).toBe(true);
  expect(await worker.again(second)).toBe(false);
  const [next] = await worker.fetch('move', 10);
  expect(next).toMatchObject({ data: { id: 2, round: 2 }, singletonKey: '2', retryCount: 0 });
  if (next !== undefined) await worker.complete(next);
  await worker.close();
});

test('a job whose end the store did not hear of comes back', async () => {
  const worker = await openQueue(t.connection, { ...options, supervise: false });
  await queue.send('move', { id: 77 }, { singletonKey: '77' });
  const [job] = await worker.fetch<{ id: number }>('move', 10);
  const rename = (from: string, to: string) => sql`alter schema ${sql.ref(from)} rename to ${sql.ref(to)}`.execute(t.store.db());
  await rename('pgboss', 'away');
  try {
    await expect(worker.complete(job!)).rejects.toThrow();
  } finally {
    await rename('away', 'pgboss');
  }
  const again: number[] = [];
  await expect
    .poll(async () => {
      for (const each of await worker.fetch<{ id: number }>('move', 10)) {
        again.push(each.data.id);
        await worker.complete(each);
      }
      return again;
    }, { interval: 500 })
    .toEqual([77]);
  await worker.close();
});

test('a failed job is due again after a moment; one for later is not due now', async () => {
  await queue.send('move', {}, { singletonKey: 'f' });
  await queue.send('move', {}, { singletonKey: 'later', startAfterSeconds: 600 });
  const [job] = await queue.fetch('move', 10);
  if (job === undefined) throw new Error('a job was there');
  expect(await queue.fail(job, 'not now')).toBe(true);
  await expect.poll(() => queue.fetch('move', 10), { interval: 200 }).toMatchObject([{ id: job.id, retryCount: 1 }]);
  expect(await queue.complete({ ...job, retryCount: 1 })).toBe(true);
});

test('a killed worker’s job comes back, and a worker that was stopped too long is told', async () => {
  await queue.send('move', { id: 9 }, { singletonKey: '9' });
  const script = `
    import { openQueue } from ${JSON.stringify(new URL('queue.ts', import.meta.url).href)};
    import { systemClock } from ${JSON.stringify(new URL('../events/clock.ts', import.meta.url).href)};
    const queue = await openQueue(JSON.parse(process.argv[1]), { queues: ['move'], supervise: false, emit: () => {}, clock: systemClock });
    const asked = Date.now();
    const [job] = await queue.fetch('move', 1);
    job.signal.addEventListener('abort', async () => { process.send('lost ' + (await queue.complete(job))); });
    process.send(asked);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, JSON.stringify(t.connection)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [asked] = (await once(child, 'message')) as [number];
  child.kill('SIGSTOP');
  await expect.poll(() => queue.fetch('move', 1), { interval: 250 }).toMatchObject([{ data: { id: 9 }, retryCount: 1 }]);
  // Ten seconds after it was last kept alive, and that was when it was asked for at the earliest.
  expect(Date.now() - asked).toBeGreaterThan(9_500);
  child.kill('SIGCONT');
  expect(await once(child, 'message')).toEqual(['lost false', undefined]);
  child.kill('SIGKILL');
});

test('an unreachable store rejects', async () => {
  await expect(openQueue({ host: '/nonexistent', user: 'x', database: 'x' }, { ...options, supervise: true })).rejects.toMatchObject({
    code: 'unavailable',
  });
  const { rows } = await sql`select name, policy from pgboss.queue where name = 'move'`.execute(t.store.db());
  expect(rows).toEqual([{ name: 'move', policy: 'exclusive' }]);
});
