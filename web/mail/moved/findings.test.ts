import { expect, test } from 'vitest';
import type { Moved } from '#webmail/moved/api.ts';
import { findings } from './findings.ts';
import { words } from './words.ts';

const VERIFIED: NonNullable<Moved['verified']> = { mailboxes: 3, messages: 1_234, bytes: 9, readBack: 'all', filters: null, pop3Ids: null, mapped: [], refused: [] };
const MOVED: Moved = { id: 1, from: 'old', to: 'new', at: '2026-01-02T03:04:05Z', isSeen: false, verified: VERIFIED, missing: null };
const said = (moved: Moved, language: 'en' | 'es' = 'en'): string[] => findings(moved, words[language], (iso) => iso.slice(0, 10));

test('no more is said to be verified than was', () => {
  expect(said(MOVED)).toEqual([words.en.all(1_234, 3)]);
  for (const readBack of ['sample', 'none'] as const) {
    const [line] = said({ ...MOVED, verified: { ...VERIFIED, readBack } });
    expect(line).toBe(words.en[readBack](1_234, 3));
    expect(line).not.toContain('Each was read');
  }
  const all = { ...VERIFIED, filters: 2, pop3Ids: 7, mapped: [{ mailbox: 'a/b', as: 'a_b' }], refused: [{ mailbox: 'INBOX', bytes: 1 }] };
  expect(said({ ...MOVED, verified: all }, 'es')).toEqual([words.es.all(1_234, 3), words.es.filters, words.es.pop3, words.es.mapped('a/b', 'a_b'), words.es.refused(1)]);
  expect(said({ ...MOVED, verified: { ...all, filters: 0, pop3Ids: 0, mapped: [], refused: [] } })).toHaveLength(1);
});

test('of a home that was dead nothing is said to be verified, and what may be missing is said', () => {
  const missing = { since: '2026-01-02T00:00:00Z', isOver: false };
  expect(said({ ...MOVED, verified: null, missing })).toEqual([words.en.dead, words.en.missing('2026-01-02')]);
  expect(said({ ...MOVED, verified: null, missing: { ...missing, isOver: true } })).toEqual([words.en.dead, words.en.added('2026-01-02')]);
});
