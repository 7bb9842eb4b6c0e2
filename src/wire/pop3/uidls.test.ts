import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTranslate, formatKept, isUniqueId, parseKept, parseUidl } from './uidls.ts';

/** Few characters, so that ids meet each other. */
const id = fc.oneof(fc.stringMatching(/^[1-3]{1,2}$/), fc.stringMatching(/^[2-4]~[1-3]{1,2}$/), fc.stringMatching(/^[!-~]{1,70}$/));
const pairs = fc.uniqueArray(fc.tuple(id, id), { selector: ([own]) => own });

test('kept ids are kept; no two ids become one; none that clients know is another message’s; all are valid', () => {
  fc.assert(
    fc.property(pairs, fc.uniqueArray(id), fc.nat(5), fc.boolean(), (list, fresh, epoch, marked) => {
      const known = new Set<string>();
      const kept = new Map(list.filter(([, theirs]) => !known.has(theirs) && known.add(theirs)));
      const translate = createTranslate({ kept, epoch, marked });
      const own = [...new Set([...kept.keys(), ...fresh])];
      const told = own.map(translate);
      for (const [ours, theirs] of kept) expect(translate(ours)).toBe(theirs);
      for (const each of own) if (!kept.has(each)) expect(known.has(translate(each))).toBe(false);
      expect(told.every(isUniqueId)).toBe(true);
      // An id of a platform in just the form of our marks, beside the one that is marked so: not from a real platform.
      const marks = own.filter((each) => !kept.has(each) && (marked || known.has(each)));
      if (!own.some((each) => marks.some((other) => each === `${epoch}~${other}`))) expect(new Set(told).size).toBe(own.length);
    }),
    { numRuns: 2_000 },
  );
});

test('a mark that would be too long is a digest, the same each time', () => {
  const long = 'x'.repeat(70);
  const translate = createTranslate({ kept: new Map(), epoch: 12, marked: true });
  expect(translate('7')).toBe('12~7');
  expect(translate(long)).toMatch(/^12~[\w-]{43}$/);
  expect(translate(long)).toBe(translate(long));
  const taken = createTranslate({ kept: new Map([['a', '12~7'], ['b', '7']]), epoch: 12, marked: false });
  expect(taken('7')).toMatch(/^12~[\w-]{43}$/);
});

test('what is written is read, and what is torn is not', () => {
  fc.assert(
    fc.property(pairs, (list) => {
      const kept = new Map(list);
      const text = formatKept(kept);
      expect(parseKept(text)).toEqual(kept);
      if (text !== '') expect(parseKept(text.slice(0, -1))).toBeUndefined();
    }),
  );
  for (const damaged of ['a\n', 'a b c\n', ' b\n', 'a \n', `a ${'x'.repeat(71)}\n`, '\n']) expect(parseKept(damaged)).toBeUndefined();
});

test('lines of UIDL', () => {
  expect(parseUidl('12 whqtswO00WBw418f9t5JxYwZ')).toEqual({ number: 12, id: 'whqtswO00WBw418f9t5JxYwZ' });
  expect(parseUidl('1  a ')).toEqual({ number: 1, id: 'a' });
  for (const none of ['', '1', '1 ', 'a b', '1 a b', '1 ä', '-1 a']) expect(parseUidl(none)).toBeUndefined();
});
