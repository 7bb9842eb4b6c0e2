import { expect, test } from 'vitest';
import { createAttaching, type Sending } from './attaching.ts';
import type { Attached } from './message.ts';
import { type Uploaded, UploadError } from './upload.ts';

const FILE = new File(['%PDF'], 'plan.pdf', { type: 'application/pdf' });
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** A server and a clock by hand. */
function world() {
  const tries: { name: string; done: PromiseWithResolvers<Uploaded>; progress: (part: number) => void }[] = [];
  let timers: { ms: number; run: () => void }[] = [];
  let uploads: readonly Sending[] = [];
  const attached: Attached[] = [];
  const attaching = createAttaching({
    upload(file, progress) {
      const done = Promise.withResolvers<Uploaded>();
      tries.push({ name: file.name, done, progress });
      return { done: done.promise, cancel: () => done.reject(new DOMException('cancelled', 'AbortError')) };
    },
    after(ms, run) {
      const timer = { ms, run };
      timers.push(timer);
      return () => void (timers = timers.filter((one) => one !== timer));
    },
    onUploads: (list) => void (uploads = list),
    onAttached: (file) => void attached.push(file),
  });
  return {
    attaching,
    tries,
    attached,
    waits: () => timers.map(({ ms }) => ms),
    states: () => uploads.map(({ fault, isWaiting, part }) => (isWaiting ? 'waiting' : fault === undefined ? part : 'failed')),
    async fails(status: number) {
      tries.at(-1)?.done.reject(new UploadError(status, undefined));
      await turn();
    },
    async succeeds() {
      tries.at(-1)?.done.resolve({ blobId: `B${tries.length}`, type: '', size: 4 });
      await turn();
    },
    async time() {
      for (const { run } of timers.splice(0)) run();
      await turn();
    },
  };
}

test('an outage is waited for, longer each time, and the file is attached once', async () => {
  const { attaching, tries, attached, waits, states, fails, succeeds, time } = world();
  const sent = attaching.send('f1', FILE, 'picture@causeway');
  tries[0]?.progress(0.5);
  expect(states()).toEqual([0.5]);
  for (const [status, ms] of [[0, 1_000], [503, 2_000], [502, 4_000], [0, 8_000], [0, 16_000], [0, 30_000], [0, 30_000]] as const) {
    await fails(status);
    expect([states(), waits()]).toEqual([['waiting'], [ms]]);
    await time();
  }
  expect(states()).toEqual([0]);
  await succeeds();
  // A picture of the text is still one.
  expect(attached).toEqual([{ id: 'f1', blobId: 'B8', size: 4, type: 'application/pdf', name: 'plan.pdf', cid: 'picture@causeway' }]);
  expect(await sent).toBe(attached[0]);
  expect([states(), waits(), tries.length]).toEqual([[], [], 8]);
});

test('when the network is back, or the writer says so, it goes at once; what was taken out never', async () => {
  const { attaching, tries, attached, waits, states, fails, succeeds } = world();
  void attaching.send('f1', FILE, null);
  await fails(0);
  attaching.wake();
  await turn();
  expect([tries.length, waits()]).toEqual([2, []]);
  await fails(0);
  attaching.again('f1');
  await turn();
  expect(tries.length).toBe(3);
  await succeeds();
  expect(attached.map(({ id }) => id)).toEqual(['f1']);

  const removed = attaching.send('f2', FILE, null);
  await fails(0);
  attaching.remove('f2');
  expect(await removed).toBeUndefined();
  const stopped = attaching.send('f3', FILE, null);
  await turn();
  attaching.stop();
  expect(await stopped).toBeUndefined();
  attaching.wake();
  await turn();
  expect([tries.length, waits(), states()]).toEqual([5, [], []]);
});

test('what the server refuses is told and not repeated, until the writer says so', async () => {
  const { attaching, tries, waits, states, fails, succeeds, attached } = world();
  expect(await Promise.race([attaching.send('f1', FILE, null), fails(413)])).toBeUndefined();
  await turn();
  expect([states(), waits(), tries.length]).toEqual([['failed'], [], 1]);
  attaching.again('f1');
  await succeeds();
  expect(attached).toHaveLength(1);
  // Gone at the server after an hour: the browser still has it, but nothing of another session's.
  expect(attaching.restore(attached[0]!)).toBe(true);
  expect(attaching.restore({ ...attached[0]!, id: 'of a draft' })).toBe(false);
  await succeeds();
  expect(attached.map(({ blobId }) => blobId)).toEqual(['B2', 'B3']);
});
