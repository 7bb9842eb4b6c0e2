import { expect, test } from 'vitest';
import type { Mailbox } from '../api/types.ts';
import { countsAfter } from './counts.ts';
import { moveTo, setKeyword } from './patch.ts';

const box = (id: string, totalEmails: number, unreadEmails: number): Mailbox => ({ id, name: id, parentId: null, role: null, sortOrder: 1, totalEmails, unreadEmails, totalThreads: 0, unreadThreads: 0, isSubscribed: true, myRights: {} });
const boxes = [box('inbox', 10, 2), box('trash', 0, 0)];
const unread = { mailboxIds: { inbox: true }, keywords: {} };
const read = { mailboxIds: { inbox: true }, keywords: { $seen: true } };
const counts = (...given: Parameters<typeof countsAfter>): number[][] => countsAfter(...given).map(({ totalEmails, unreadEmails }) => [totalEmails, unreadEmails]);

test('a move takes its unread mark along', () => {
  expect(counts(boxes, [unread, read], moveTo('trash'))).toEqual([[8, 1], [2, 1]]);
});

test('reading, and reading again', () => {
  expect(counts(boxes, [unread, read], setKeyword('$seen', true))).toEqual([[10, 1], [0, 0]]);
  expect(counts(boxes, [unread, read], setKeyword('$seen', false))).toEqual([[10, 3], [0, 0]]);
});

test('what goes for good; never below nothing', () => {
  expect(counts(boxes, [unread, unread, unread, read], undefined)).toEqual([[6, 0], [0, 0]]);
});
