import { expect, test } from 'vitest';
import { type Batch, createBatch } from './batch.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('messages of one turn go as one, in their order; one that may wait goes with the next, or by itself', async () => {
  const sent: (readonly string[])[] = [];
  let arrived = Promise.withResolvers<void>();
  const { put, flush } = createBatch<string>(
    ({ messages }: Batch<string>) => {
      sent.push(messages);
      arrived.resolve();
    },
    (message) => message.startsWith('late'),
  );
  put('a');
  put('b');
  expect(sent).toEqual([]);
  await turn();
  put('late 1');
  await turn();
  expect(sent).toEqual([['a', 'b']]);
  put('c');
  put('late 2');
  put('d');
  await turn();
  expect(sent).toEqual([['a', 'b'], ['late 1', 'c', 'late 2', 'd']]);
  arrived = Promise.withResolvers();
  put('late 3');
  await arrived.promise;
  expect(sent.at(-1)).toEqual(['late 3']);
  put('late 4');
  flush();
  expect(sent.at(-1)).toEqual(['late 4']);
  const before = sent.length;
  flush();
  expect(sent).toHaveLength(before);
});
