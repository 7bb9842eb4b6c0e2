import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MessageNews } from '#imap/commands/fetch-meta.ts';
import { judge } from '../failure.ts';
import { createFlagSets } from './flag-sets.ts';
import { createListing } from './message-list.ts';
import type { MessageList } from './message-list.ts';

const DATE = '17-Jul-1996 02:44:25 -0700';
const list = (...news: MessageNews[]): MessageList => {
  const listing = createListing(createFlagSets(), 'a', 2);
  for (const each of news) listing.add(each);
  return listing.list();
};
const failureOf = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return judge(error);
  }
  return undefined;
};

test('a message is what was told of it, in its zone, without the flag that is a session’s own', () => {
  const [message] = list({ uid: 7, flags: ['\\Seen', '\\Recent', '$Work'], internalDate: DATE, size: 5_000_000_000 });
  expect(message).toEqual({ uid: 7, flags: ['\\Seen', '$Work'], internalDate: 837_596_665, internalDateText: DATE, size: 5_000_000_000 });
});

test('in any order and in several pieces it is the same list; the later word holds; news of others are no messages', () => {
  const found = list(
    { uid: 9, flags: ['b'], internalDate: DATE, size: 9 },
    { uid: 4_294_967_295, flags: ['\\Seen'] },
    { uid: 3, flags: ['a'] },
    { uid: 3, internalDate: DATE, size: 3 },
    { uid: 9, flags: [] },
    { uid: 1, flags: ['x'] },
  );
  expect(Array.from(found, ({ uid, flags, size }) => [uid, flags, size])).toEqual([[3, ['a'], 3], [9, [], 9]]);
  expect(found).toMatchObject({ length: 2, bytes: 12 });
  expect(Array.from(found.filter((uid) => uid > 3), ({ uid }) => uid)).toEqual([9]);
  expect([...found.usedFlags()]).toEqual([['a'], []]);
});

test('as a map of the last words says, whatever a server tells in whatever order', () => {
  const news = fc.record(
    { uid: fc.integer({ min: 1, max: 12 }), flags: fc.uniqueArray(fc.constantFrom('\\Seen', '\\Flagged', 'x')), size: fc.integer({ min: 0, max: 99 }), internalDate: fc.constant(DATE) },
    { requiredKeys: ['uid', 'internalDate'] },
  );
  fc.assert(
    fc.property(fc.array(news, { maxLength: 40 }), (told) => {
      const last = new Map<number, MessageNews>();
      for (const each of told) last.set(each.uid, { ...last.get(each.uid), ...each });
      const expected = [...last.values()].filter(({ size }) => size !== undefined).sort((a, b) => a.uid - b.uid);
      const found = list(...told);
      expect(Array.from(found, ({ uid, flags, size }) => ({ uid, flags, size }))).toEqual(expected.map(({ uid, flags = [], size }) => ({ uid, flags, size })));
      expect(found.length).toBe(expected.length);
    }),
  );
});

test('a message without a valid date, or more sets of flags than are kept, fails the move and not the connection', () => {
  expect(failureOf(() => list({ uid: 5, flags: [], internalDate: 'yesterday', size: 1 }))).toMatchObject({ kind: 'fail', failure: 'date' });
  expect(failureOf(() => list({ uid: 5, flags: [], size: 1 }))).toMatchObject({ failure: 'date' });
  const listing = createListing(createFlagSets(), 'a', 70_000);
  for (let uid = 1; uid <= 70_000; uid += 1) listing.add({ uid, flags: [`k${uid}`], internalDate: DATE, size: 1 });
  expect(failureOf(() => listing.list())).toMatchObject({ kind: 'fail', failure: 'flags' });
});

test('spellings of a set are kept apart, and equal as sets', () => {
  const sets = createFlagSets();
  const [a, b, c] = [sets.numberOf(['\\Seen', '$Work']), sets.numberOf(['$work', '\\seen']), sets.numberOf(['\\Seen'])];
  expect([sets.flagsOf(a), sets.flagsOf(b)]).toEqual([['\\Seen', '$Work'], ['$work', '\\seen']]);
  expect([sets.same(a, b), sets.same(a, c), sets.numberOf(['\\Seen', '$Work']) === a]).toEqual([true, false, true]);
  expect(sets.same(sets.numberOf([]), 0)).toBe(true);
});
