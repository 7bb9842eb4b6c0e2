import { expect, test } from 'vitest';
import { localInput } from './local-input.ts';

test('what is put in is what is read out of it, in whatever zone', () => {
  for (const at of [Date.UTC(2026, 0, 31, 23, 59), Date.UTC(2026, 6, 1, 0, 1)]) expect(new Date(localInput(at)).getTime()).toBe(at);
});
