import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

test('whatever is refused when, all is begun in order but for what was under way, and nothing beside what is settled', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ refused: fc.boolean(), waits: fc.nat(3), pause: fc.boolean() }), { maxLength: 40 }), async (steps) => {
      const turns = createTurns();
      const begun: number[] = [];
      let underWay = 0;
      let settling = 0;
      const all = steps.map(async ({ refused, waits }, n) => {
        for (let turn = 0; turn < n; turn += 1) await Promise.resolve(); // in their order, some after answers
        await turns.begin(async () => {
          expect(settling).toBe(0);
          begun.push(n);
          underWay += 1;
          for (let turn = 0; turn < waits; turn += 1) await new Promise(setImmediate);
          underWay -= 1;
        });
        if (!refused) return;
        await turns.settle(async () => {
          expect([underWay, settling]).toEqual([0, 0]);
          settling += 1;
          await new Promise(setImmediate);
          settling -= 1;
        });
      });
      await Promise.all(all);
      expect(begun).toEqual(steps.map((_, n) => n));
    }),
    { numRuns: 50 },
  );
});

test('a piece that fails tells its caller and holds up nobody', async () => {
  const turns = createTurns();
  const failed = turns.settle(() => Promise.reject(new Error('no')));
  const after = turns.begin(async () => 'done');
  await expect(failed).rejects.toThrow('no');
  expect(await after).toBe('done');
});
