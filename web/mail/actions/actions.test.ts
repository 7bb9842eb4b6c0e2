import { expect, test } from 'vitest';
import { BATCH, inBatches, type Progress } from './batches.ts';
import { applied, changes, grouped, moveTo, setKeyword, undoOf } from './patch.ts';
import { popped, pushed, type UndoStack } from './undo.ts';

const email = { id: 'e1', mailboxIds: { inbox: true }, keywords: { $flagged: true } };

test('a patch and its undoing are each other’s opposite, and leave the rest alone', () => {
  for (const patch of [moveTo('trash'), setKeyword('$seen', true), setKeyword('$flagged', false), { ...moveTo('junk'), ...setKeyword('$junk', true), ...setKeyword('$notjunk', false) }]) {
    expect(applied(applied(email, patch), undoOf(email, patch))).toEqual(email);
  }
  const readMeanwhile = applied(applied(email, moveTo('trash')), setKeyword('$seen', true));
  expect(applied(readMeanwhile, undoOf(email, moveTo('trash')))).toEqual({ ...email, keywords: { $flagged: true, $seen: true } });
});

test('a patch that says nothing new is known', () => {
  expect(changes(email, setKeyword('$flagged', true))).toBe(false);
  expect(changes(email, setKeyword('$seen', false))).toBe(false);
  expect(changes(email, moveTo('inbox'))).toBe(false);
  expect(changes(email, moveTo('trash'))).toBe(true);
});

test('emails that go back to the same place are one group', () => {
  const many = Array.from({ length: 1_000 }, (_, n) => [`e${n}`, moveTo(n % 2 === 0 ? 'inbox' : 'work')] as const);
  const groups = grouped(many);
  expect(groups.map(({ patch, ids }) => [patch, ids.length])).toEqual([[moveTo('inbox'), 500], [moveTo('work'), 500]]);
});

test('what was done is undone once, the latest first, or by its own toast', () => {
  const first = { label: 'first', groups: grouped([['e1', moveTo('inbox')]]) };
  const second = { label: 'second', groups: grouped([['e2', moveTo('inbox')]]) };
  let stack: UndoStack = pushed(pushed([], first), second);
  expect(popped(stack)?.entry).toBe(second);
  stack = popped(stack, first)?.stack ?? [];
  expect(popped(stack, first)).toBeUndefined();
  stack = popped(stack)?.stack ?? [];
  expect(popped(stack)).toBeUndefined();
  expect(pushed([], { label: 'nothing', groups: [] })).toEqual([]);
  for (let n = 0; n < 50; n += 1) stack = pushed(stack, { label: String(n), groups: first.groups });
  expect(stack).toHaveLength(10);
  expect(stack[0]?.label).toBe('49');
});

const ids = Array.from({ length: 1_050 }, (_, n) => `e${n}`);

test('all are done once, in batches that the server takes, and progress is told', async () => {
  const seen: string[] = [];
  const told: Progress[] = [];
  const outcome = await inBatches(
    ids,
    async (batch) => {
      expect(batch.length).toBeLessThanOrEqual(BATCH);
      seen.push(...batch);
      return batch.includes('e300') ? 1 : 0;
    },
    { signal: new AbortController().signal, onProgress: (progress) => told.push(progress) },
  );
  expect(seen).toEqual(ids);
  expect(outcome).toEqual({ done: 1_049, failed: 1, total: 1_050, ended: 'done' });
  expect(told.map(({ done, failed }) => done + failed)).toEqual([0, 200, 400, 600, 800, 1_000, 1_050]);
});

test('stopped: the batch that was begun is counted, and no other begins', async () => {
  const stop = new AbortController();
  let batches = 0;
  const outcome = await inBatches(
    ids,
    async () => {
      batches += 1;
      if (batches === 2) stop.abort();
      return 0;
    },
    { signal: stop.signal, onProgress: () => {} },
  );
  expect(batches).toBe(2);
  expect(outcome).toEqual({ done: 400, failed: 0, total: 1_050, ended: 'stopped' });
});

test('a request that fails ends it, and what was done is told', async () => {
  let batches = 0;
  const act = async (): Promise<number> => {
    batches += 1;
    if (batches === 3) throw new Error('away');
    return 0;
  };
  const outcome = await inBatches(ids, act, { signal: new AbortController().signal, onProgress: () => {} });
  expect(outcome).toMatchObject({ done: 400, ended: 'broken', error: new Error('away') });
});
