import { expect, test } from 'vitest';
import { runsOf } from './runs.ts';

test('gaps stay gaps', () => {
  expect(runsOf([])).toEqual([]);
  expect(runsOf([null, 1, 2, null, null, 3])).toEqual([{ from: 1, run: [1, 2] }, { from: 5, run: [3] }]);
});
