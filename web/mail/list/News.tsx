/** Tells of new mail outside of the page (notify.ts). It shows nothing itself. */
import { useEffect } from 'react';
import { useLocation } from 'wouter';
import { useLanguage } from '#ui/words.ts';
import { byRole, useMailboxes } from '../api/mailboxes.ts';
import { showUnread, tellNews } from './notify.ts';

export function News() {
  const { data, dataUpdatedAt } = useMailboxes();
  const [, go] = useLocation();
  const language = useLanguage();
  const inbox = data === undefined ? undefined : byRole(data, 'inbox');
  useEffect(() => showUnread(inbox?.unreadEmails ?? 0), [inbox?.unreadEmails, language]);
  useEffect(() => {
    if (inbox !== undefined) tellNews(inbox.id, (id) => go(`/mail/${inbox.id}/${id}`)).catch(() => {});
    // Each time that the mailboxes were read anew, since that is when something has changed.
  }, [inbox?.totalEmails, inbox?.unreadEmails, dataUpdatedAt]);
  return null;
}
