import { expect, test } from 'vitest';
import { createMailMemory } from './memory.ts';

test('lists and aliases are weighed, so that all accounts together can be bounded', () => {
  const memory = createMailMemory();
  expect(memory.weight()).toBe(0);
  for (let n = 0; n < 100; n += 1) memory.lists.set(`list ${n}`, { boxes: [], places: { box: new Uint16Array(1_000), uid: new Uint32Array(1_000) } });
  // Of a hundred lists the latest twelve are kept.
  expect(memory.weight()).toBe(12 * 6_000);
  memory.aliases.moved('E1', { box: 'M1', uidValidity: 1, uid: 1 });
  const withOne = memory.weight();
  expect(withOne).toBeGreaterThan(12 * 6_000);
  // The same email, moved again.
  memory.aliases.moved('E1', { box: 'M2', uidValidity: 1, uid: 7 });
  expect(memory.weight()).toBe(withOne);
});
