import { expect, test } from 'vitest';
import { barsOf } from './bars.ts';

test('the longest fills the picture, and one account among thousands is still seen', () => {
  const bars = barsOf([{ value: 'imap', accounts: 20_000 }, { value: 'pop3', accounts: 5_000 }, { value: 'webmail', accounts: 1 }, { value: 'x', accounts: 0 }]);
  expect(bars.map(({ width }) => width)).toEqual([100, 25, 0.8, 0]);
});
test('nothing is no bar', () => expect(barsOf([])).toEqual([]));
