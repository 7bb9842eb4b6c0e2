import { expect, test } from 'vitest';
import type { Mailbox } from '../api/types.ts';
import { deepestFirst, mayMoveBelow, pathOf, reordered, sortedMailboxes, treeRows } from './tree.ts';

const rights = { mayReadItems: true, mayAddItems: true, mayRename: true, mayDelete: true, mayCreateChild: true };
const box = (id: string, parentId: string | null = null, more: Partial<Mailbox> = {}): Mailbox => ({
  id, name: id, parentId, role: null, sortOrder: 100, totalEmails: 0, unreadEmails: 0, totalThreads: 0, unreadThreads: 0, isSubscribed: true, myRights: rights, ...more,
});
const boxes = [
  box('Work'), box('Travel', 'Work', { unreadEmails: 2 }), box('2026', 'Travel', { unreadEmails: 3 }), box('10'), box('9'), box('lost', 'never listed'),
  box('Inbox', null, { role: 'inbox', sortOrder: 1, unreadEmails: 4 }), box('Trash', null, { role: 'trash', sortOrder: 6, unreadEmails: 7 }),
];
const shown = (collapsed: string[]): string[] => treeRows(boxes, new Set(collapsed)).map(({ box: { id }, level, unread }) => `${' '.repeat(level - 1)}${id}${unread > 0 ? ` ${unread}` : ''}`);

test('roles first, then names as people count, and none is lost', () => {
  expect(shown([])).toEqual(['Inbox 4', 'Trash', '9', '10', 'lost', 'Work', ' Travel 2', '  2026 3']);
});

test('what is collapsed says what it hides', () => {
  expect(shown(['Work'])).toEqual(['Inbox 4', 'Trash', '9', '10', 'lost', 'Work 5']);
  expect(shown(['Travel'])).toContain(' Travel 5');
});

test('each row says its place among its siblings', () => {
  expect(treeRows(boxes, new Set()).map(({ at, of }) => `${at}/${of}`)).toEqual(['1/6', '2/6', '3/6', '4/6', '5/6', '6/6', '1/1', '1/1']);
});

test('paths', () => {
  const byId = new Map(boxes.map((one) => [one.id, one]));
  expect(pathOf(byId.get('2026') as Mailbox, byId)).toBe('Work / Travel / 2026');
});

test('a mailbox is deleted after what is below it', () => {
  expect(deepestFirst('Work', boxes).map(({ id }) => id)).toEqual(['2026', 'Travel', 'Work']);
});

test('a mailbox is not moved below itself, nor where it is', () => {
  const [work] = boxes as [Mailbox];
  expect(mayMoveBelow(work, '2026', boxes)).toBe(false);
  expect(mayMoveBelow(work, 'Work', boxes)).toBe(false);
  expect(mayMoveBelow(work, null, boxes)).toBe(false);
  expect(mayMoveBelow(work, '9', boxes)).toBe(true);
  expect(mayMoveBelow(box('Inbox', null, { myRights: { ...rights, mayRename: false } }), '9', boxes)).toBe(false);
});

test('an order that is dragged is the order that is sorted', () => {
  const byId = (id: string): Mailbox => boxes.find((one) => one.id === id) as Mailbox;
  const orders = reordered(byId('Work'), byId('9'), false, boxes);
  const after = sortedMailboxes(boxes.filter(({ parentId }) => parentId === null).map((one) => ({ ...one, sortOrder: orders.get(one.id) ?? one.sortOrder })));
  expect(after.map(({ id }) => id)).toEqual(['Inbox', 'Trash', 'Work', '9', '10']);
});
