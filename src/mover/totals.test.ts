import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MoveStatus, readMoves } from './read.ts';
import { type Bench, mail, openBench } from './testing.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

test('while the first pass is under way it is known how much there is', async () => {
  const account = await bench.account('ada@example.org', { INBOX: Array.from({ length: 30 }, (_, n) => mail(`number ${n}`)), 'A/b': [mail('nested')] });
  const id = await bench.request(account);
  // Asked by the mover before each piece that it copies: the first time nothing is copied yet.
  let seen: Promise<MoveStatus[]> | undefined;
  const stopping = {
    get aborted() {
      seen ??= readMoves(bench.store, [id]);
      return false;
    },
  } as AbortSignal;
  const move = await bench.drive(id, { stopping });
  expect(await seen).toMatchObject([{ state: 'copying', messages: 31, copiedMessages: 0 }]);
  expect(move).toMatchObject({ state: 'moved', messages: 31, copiedMessages: 31 });
});
