import { expect, test } from 'vitest';
import { part } from './part.ts';

const turn = () => new Promise(setImmediate);

function sessions(count: number) {
  const asked: PromiseWithResolvers<void>[] = [];
  const connections = Array.from({ length: count }, () => ({
    logout() {
      const ended = Promise.withResolvers<void>();
      asked.push(ended);
      return ended.promise;
    },
  }));
  return { connections, asked };
}

test('LOGOUT is asked for at once, and its answer is waited for by nobody until too many have none', async () => {
  const { connections, asked } = sessions(18);
  const first = part(connections.slice(0, 2));
  expect(asked).toHaveLength(2);
  await first;
  await part(connections.slice(2, 16));
  let parted = false;
  const more = part(connections.slice(16)).then(() => (parted = true));
  expect(asked).toHaveLength(18);
  await turn();
  expect(parted).toBe(false);
  asked[0]!.resolve();
  await turn();
  expect(parted).toBe(false);
  asked[17]!.resolve();
  await more;
  for (const { resolve } of asked) resolve();
  await turn();
});
