import { expect, test } from 'vitest';
import type { Mailbox } from '../../api/types.ts';
import { isWhole, levelsOf, newRule } from './filters.ts';

test('a mailbox by its names', () => {
  const box = (id: string, name: string, parentId: string | null, role: Mailbox['role'] = null): Mailbox => ({ id, name, parentId, role, sortOrder: 0, totalEmails: 0, unreadEmails: 0, totalThreads: 0, unreadThreads: 0, isSubscribed: true, myRights: {} });
  const all = [box('1', 'Inbox', null, 'inbox'), box('2', 'Lists', '1'), box('3', 'Choir', '2')];
  expect(levelsOf(all[2]!, all)).toEqual(['INBOX', 'Lists', 'Choir']);
});

test('what a rule must say', () => {
  const rule = newRule();
  expect(isWhole(rule)).toBe(false);
  expect(isWhole({ ...rule, conditions: [], actions: [{ kind: 'read' }] })).toBe(true);
  expect(isWhole({ ...rule, conditions: [{ field: 'size', test: 'over', bytes: 0 }], actions: [{ kind: 'read' }] })).toBe(false);
  expect(isWhole({ ...rule, conditions: [], actions: [{ kind: 'forward', to: 'nobody', keepCopy: true }] })).toBe(false);
  expect(isWhole({ ...rule, conditions: [], actions: [{ kind: 'discard' }, { kind: 'flag' }] })).toBe(false);
});
