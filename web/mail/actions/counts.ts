/** What mailboxes count after a change, until the server says it: an unread mark that lingers looks like a failure. */
import type { Mailbox } from '../api/types.ts';
import { applied, type Patch, type Patched } from './patch.ts';

/** @param patch undefined: the emails go for good */
export function countsAfter(boxes: readonly Mailbox[], emails: readonly Patched[], patch: Patch | undefined): Mailbox[] {
  const total = new Map<string, number>();
  const unread = new Map<string, number>();
  const count = ({ mailboxIds, keywords }: Patched, by: number): void => {
    for (const id of Object.keys(mailboxIds)) {
      total.set(id, (total.get(id) ?? 0) + by);
      if (keywords['$seen'] !== true) unread.set(id, (unread.get(id) ?? 0) + by);
    }
  };
  for (const email of emails) {
    count(email, -1);
    if (patch !== undefined) count(applied(email, patch), 1);
  }
  return boxes.map((box) => {
    const more = total.get(box.id) ?? 0;
    const moreUnread = unread.get(box.id) ?? 0;
    if (more === 0 && moreUnread === 0) return box;
    return { ...box, totalEmails: Math.max(0, box.totalEmails + more), unreadEmails: Math.max(0, box.unreadEmails + moreUnread) };
  });
}
