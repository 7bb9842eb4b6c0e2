import { expect, test } from 'vitest';
import { createApp, tellInJson } from './app.ts';
import { createAtOnce } from './at-once.ts';

test('over the limit it is 503 at once, and a place is given back however the work ends', async () => {
  const app = createApp(() => {}, tellInJson);
  const open: PromiseWithResolvers<void>[] = [];
  app.use(createAtOnce({ total: 3, perSubscriber: 3 }));
  app.get('/', async (c) => {
    const work = Promise.withResolvers<void>();
    open.push(work);
    await work.promise;
    return c.text('done');
  });
  const ask = async (): Promise<number> => (await app.request('/', {}, { incoming: { socket: {} } })).status;
  const first = [ask(), ask(), ask()];
  expect(await ask()).toBe(503);
  open[0]!.reject(new TypeError('a bug'));
  expect(await first[0]).toBe(500);
  const next = ask();
  open[1]!.resolve();
  open[2]!.resolve();
  expect(await Promise.all(first.slice(1))).toEqual([200, 200]);
  open[3]!.resolve();
  expect(await next).toBe(200);
});
