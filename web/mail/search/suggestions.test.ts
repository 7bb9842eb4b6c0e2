import { expect, test } from 'vitest';
import { suggest } from './suggestions.ts';

const people = [{ name: 'Ana Ruiz', email: 'ana@example.org' }, { name: 'Ana Ruiz', email: 'ANA@example.org' }, { name: null, email: 'ruiz@example.net' }, { name: 'Berta', email: 'b@example.org' }];
const queries = (typed: string, place?: string): string[] => suggest(typed, people, place, '2026-11-19').map(({ query }) => query);

test('people by the beginning of any of their names, once each', () => {
  expect(queries('has:attachment rui').slice(0, 3)).toEqual(['has:attachment from:ana@example.org', 'has:attachment from:ruiz@example.net', 'has:attachment subject:rui']);
  expect(queries('nobody').slice(0, 2)).toEqual(['from:nobody', 'subject:nobody']);
});

test('what is there already is not offered, and nothing typed is lost', () => {
  expect(queries('is:unread ', 'Travel 2026')).toEqual(['is:unread has:attachment', 'is:unread after:2026-11-19', 'is:unread in:"Travel 2026"']);
  for (const query of queries('from:ana "two words" b')) expect(query.startsWith('from:ana "two words"')).toBe(true);
});

test('an empty box offers what is often wanted', () => {
  expect(queries('')).toEqual(['is:unread', 'has:attachment', 'after:2026-11-19']);
});
