import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createEntries, createWords, type Entries, type Words } from './entries.ts';
import { match } from './match.ts';

type Message = { text: string; date: number | undefined; flags: string[] };

function entriesOf(messages: readonly Message[], words: Words): Entries {
  const entries = createEntries(words);
  messages.forEach(({ text, date, flags }, n) => {
    entries.add({ uid: n + 1, internalDate: date, flags, size: text.length, fingerprint: createHash('sha256').update(text).digest() });
  });
  return entries;
}

const compared = (source: readonly Message[], target: readonly Message[]) => {
  const words = createWords();
  const { missing, surplus, flags, dates } = match(entriesOf(source, words), entriesOf(target, words));
  return { missing: missing.map((i) => i + 1), surplus: surplus.map((i) => i + 1), flags, dates };
};

const one = (text: string, date: number | undefined = 1, ...flags: string[]): Message => ({ text, date, flags });
const none = { missing: [], surplus: [], flags: [], dates: [] };

test('order, the case of flags and UIDs say nothing; duplicates count', () => {
  expect(compared([one('a', 1, '\\Seen', 'Work'), one('b'), one('b')], [one('b'), one('a', 1, 'work', '\\seen'), one('b')])).toEqual(none);
  expect(compared([one('b'), one('b')], [one('b')])).toEqual({ ...none, missing: [2] });
  expect(compared([], [one('b')])).toEqual({ ...none, surplus: [1] });
});

test('other flags and other dates are told from missing messages', () => {
  expect(compared([one('a', 1, '\\Seen'), one('c')], [one('a'), one('c', 2)])).toEqual({ ...none, flags: [[0, 0]], dates: [[1, 1]] });
  // Of duplicates those are paired that differ least.
  expect(compared([one('a', 1, 'x'), one('a', 2, 'y')], [one('a', 2, 'x'), one('a', 3, 'x')])).toEqual({ ...none, flags: [[1, 0]], dates: [[0, 1]] });
  expect(compared([one('a', undefined)], [one('a', undefined)])).toEqual(none);
  expect(compared([one('a', undefined)], [one('a', 0)])).toEqual({ ...none, dates: [[0, 0]] });
});

test('what is in no list has an equal partner; nothing is twice', () => {
  const message = fc.record({ text: fc.constantFrom('a', 'b', 'c'), date: fc.constantFrom(1, 2, undefined), flags: fc.subarray(['\\Seen', 'w']) });
  const mailbox = fc.array(message, { maxLength: 30 });
  const key = ({ text, date, flags }: Message): string => `${text} ${date} ${flags.join(' ')}`;
  fc.assert(
    fc.property(mailbox, mailbox, (source, target) => {
      const { missing, surplus, flags, dates } = compared(source, target);
      const left = [...missing.map((uid) => uid - 1), ...[...flags, ...dates].map(([i]) => i)];
      const right = [...surplus.map((uid) => uid - 1), ...[...flags, ...dates].map(([, j]) => j)];
      expect(new Set(left).size).toBe(left.length);
      expect(new Set(right).size).toBe(right.length);
      const rest = (all: readonly Message[], taken: readonly number[]): string[] => all.filter((_, n) => !taken.includes(n)).map(key).sort();
      expect(rest(source, left)).toEqual(rest(target, right));
      for (const [i, j] of flags) expect([target[j]!.text, target[j]!.date]).toEqual([source[i]!.text, source[i]!.date]);
      for (const [i, j] of dates) expect(target[j]!.text).toBe(source[i]!.text);
      for (const [i, j] of flags) expect(target[j]!.flags).not.toEqual(source[i]!.flags);
      for (const [i, j] of dates) expect(target[j]!.date).not.toBe(source[i]!.date);
      // Missing and surplus never share bytes: such would be a change of flags or date.
      const texts = new Set(missing.map((uid) => source[uid - 1]!.text));
      expect(surplus.some((uid) => texts.has(target[uid - 1]!.text))).toBe(false);
    }),
  );
});
