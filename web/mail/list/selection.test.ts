import { expect, test } from 'vitest';
import { countOf, EVERYTHING, extended, isChosen, knownRows, NOTHING, toggled, withoutGone } from './selection.ts';

const rows = ['a', 'b', undefined, 'd', 'e'];

test('one by one', () => {
  const two = toggled(toggled(NOTHING, 'a'), 'd');
  expect([...two.ids]).toEqual(['a', 'd']);
  expect([...toggled(two, 'a').ids]).toEqual(['d']);
});

test('a range goes from the last that was chosen, in both directions, over what was never read', () => {
  expect([...extended(toggled(NOTHING, 'b'), 'e', rows).ids]).toEqual(['b', 'd', 'e']);
  expect([...extended(toggled(NOTHING, 'd'), 'a', rows).ids].sort()).toEqual(['a', 'b', 'd']);
  expect([...extended(NOTHING, 'b', rows).ids]).toEqual(['b']);
});

test('a range keeps its beginning when its end is moved', () => {
  const once = extended(toggled(NOTHING, 'b'), 'd', rows);
  expect(extended(once, 'e', rows).anchor).toBe('b');
});

test('all of a list holds what was never seen, but for what was taken out', () => {
  const allButOne = toggled(EVERYTHING, 'b');
  expect(countOf(allButOne, 100_000)).toBe(99_999);
  expect(isChosen(allButOne, 'b')).toBe(false);
  expect(isChosen(allButOne, 'never seen')).toBe(true);
  expect(isChosen(extended(toggled(allButOne, 'd'), 'b', rows), 'b')).toBe(true);
});

test('the box above the list chooses what is known', () => {
  expect([...knownRows(rows).ids]).toEqual(['a', 'b', 'd', 'e']);
});

test('what went is no longer chosen, nor counted as left out', () => {
  expect(countOf(withoutGone(knownRows(rows), new Set(['a'])), 5)).toBe(3);
  expect(countOf(withoutGone(toggled(EVERYTHING, 'a'), new Set(['a'])), 4)).toBe(4);
  expect(withoutGone(NOTHING, new Set(['x']))).toBe(NOTHING);
});
