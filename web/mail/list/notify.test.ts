import { expect, test } from 'vitest';
import { freshOf } from './notify.ts';

const email = (id: string, receivedAt: string) => ({ id, from: null, subject: null, receivedAt });

test('what came before the page was opened is no news, and what was told is not told again', () => {
  const since = Date.parse('2026-11-26T10:00:00Z');
  const first = freshOf([email('new', '2026-11-26T10:00:05Z'), email('old', '2026-11-26T09:59:59Z')], new Set(), since);
  expect(first.fresh.map(({ id }) => id)).toEqual(['new']);
  const second = freshOf([email('newer', '2026-11-26T10:00:09Z'), email('new', '2026-11-26T10:00:05Z')], first.told, since);
  expect(second.fresh.map(({ id }) => id)).toEqual(['newer']);
});
