import fc from 'fast-check';
import { expect, test } from 'vitest';
import { filterOf } from './filter.ts';
import { octetsOf, readTerms, STATES, type Term, TEXT_FIELDS, writeTerms } from './terms.ts';

const mailboxes = [
  { id: 'M1', name: 'Inbox', role: 'inbox' },
  { id: 'M2', name: 'Papelera', role: 'trash' },
  { id: 'M3', name: 'Correo basura', role: 'junk' },
  { id: 'M4', name: 'Viajes 2026', role: null },
];
const utc = (year: number, month: number, day: number): Date => new Date(Date.UTC(year, month, day));
const filter = (typed: string): unknown => filterOf(readTerms(typed), mailboxes, 'all', utc).filter;
const aside = { inMailboxOtherThan: ['M2', 'M3'] };

test('operators, words and phrases', () => {
  expect(readTerms('from:ana "quarterly report" has:attachment -is:read in:"Viajes 2026" subject:"the \\"plan\\"" larger:2M')).toEqual([
    { field: 'from', value: 'ana', not: false },
    { field: 'text', value: 'quarterly report', not: false },
    { field: 'has', value: 'attachment', not: false },
    { field: 'is', value: 'read', not: true },
    { field: 'in', value: 'Viajes 2026', not: false },
    { field: 'subject', value: 'the "plan"', not: false },
    { field: 'larger', value: '2M', not: false },
  ]);
});

test('what is no operator is a word', () => {
  const words = (typed: string): string[] => readTerms(typed).map(({ field, value }) => `${field}=${value}`);
  expect(words('http://example.com/ 12:30 before:soon is:odd')).toEqual(['text=http://example.com/', 'text=12:30', 'text=before:soon', 'text=is:odd']);
  expect(words('from:')).toEqual(['text=from:']);
  expect(words('"never closed')).toEqual(['text=never closed']);
  expect(words('e-mail semi-final')).toEqual(['text=e-mail', 'text=semi-final']);
  expect(words('')).toEqual([]);
  expect(readTerms(Array.from({ length: 200 }, () => 'x').join(' '))).toHaveLength(50);
});

test('a filter, with junk and trash left out', () => {
  expect(filter('from:ana is:unread')).toEqual({ operator: 'AND', conditions: [{ from: '"ana"' }, { notKeyword: '$seen' }, aside] });
  expect(filter('-from:ana')).toEqual({ operator: 'AND', conditions: [{ operator: 'NOT', conditions: [{ from: '"ana"' }] }, aside] });
  expect(filter('in:trash x')).toEqual({ operator: 'AND', conditions: [{ inMailbox: 'M2' }, { text: '"x"' }] });
  expect(filter('in:anywhere x')).toEqual({ text: '"x"' });
  expect(filter('in:papelera')).toEqual({ inMailbox: 'M2' });
});

test('words in heads alone; what names a field is asked for as ever', () => {
  expect(filterOf(readTerms('in:anywhere ana -body:x'), mailboxes, 'heads', utc).filter).toEqual({
    operator: 'AND',
    conditions: [{ operator: 'OR', conditions: [{ from: '"ana"' }, { to: '"ana"' }, { cc: '"ana"' }, { subject: '"ana"' }] }, { operator: 'NOT', conditions: [{ body: '"x"' }] }],
  });
});

test('words in the texts of the last thirty days alone', () => {
  const { filter: found } = filterOf(readTerms('in:anywhere ana'), mailboxes, 'lately', utc, new Date(2026, 2, 5));
  expect(found).toEqual({ operator: 'AND', conditions: [{ text: '"ana"' }, { after: '2026-02-03T00:00:00Z' }] });
});

test('days are whole, months and years too', () => {
  expect(filter('in:anywhere before:2026-11-26')).toEqual({ before: '2026-11-26T00:00:00Z' });
  expect(filter('in:anywhere after:2026/11/26')).toEqual({ after: '2026-11-27T00:00:00Z' });
  expect(filter('in:anywhere on:2024-02')).toEqual({ after: '2024-02-01T00:00:00Z', before: '2024-03-01T00:00:00Z' });
  expect(filter('in:anywhere after:2025')).toEqual({ after: '2026-01-01T00:00:00Z' });
});

test('a mailbox that there is not finds nothing, and is told', () => {
  expect(filterOf(readTerms('in:nowhere x'), mailboxes, 'all', utc)).toEqual({ filter: { operator: 'AND', conditions: [{ operator: 'OR', conditions: [] }, { text: '"x"' }] }, unknownMailboxes: ['nowhere'] });
});

test('sizes', () => {
  expect([octetsOf('500'), octetsOf('500k'), octetsOf('10M')]).toEqual([500, 500_000, 10_000_000]);
});

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((value) => value.trim() === value && value !== '');
const not = fc.boolean();
const term = fc.oneof(
  fc.record({ field: fc.constantFrom(...TEXT_FIELDS, 'text' as const), value: text, not }),
  fc.record({ field: fc.constant('is' as const), value: fc.constantFrom(...STATES), not }),
  fc.record({ field: fc.constant('has' as const), value: fc.constant('attachment' as const), not }),
  fc.record({ field: fc.constantFrom('before' as const, 'after' as const, 'on' as const), value: fc.constantFrom('2026', '2026-02', '2026-02-28'), not }),
  fc.record({ field: fc.constant('in' as const), value: text, not }),
  fc.record({ field: fc.constantFrom('larger' as const, 'smaller' as const), value: fc.constantFrom('1', '20k', '3M'), not }),
);

test('terms, written down, read as the same terms', () => {
  fc.assert(
    fc.property(fc.array(term, { maxLength: 8 }), (terms: Term[]) => {
      expect(readTerms(writeTerms(terms))).toEqual(terms);
    }),
  );
});

test('whatever is typed is read, and once read stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'from:is"\\- é日a') }), (typed) => {
      const terms = readTerms(typed);
      expect(readTerms(writeTerms(terms))).toEqual(terms);
      expect(() => JSON.stringify(filterOf(terms, mailboxes))).not.toThrow();
    }),
  );
});
