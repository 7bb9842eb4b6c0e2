/** The first rows of the inbox, as soon as the mailboxes are known: before React has shown these. */
import type { QueryClient } from '@tanstack/react-query';
import { NEWEST_FIRST } from '#webmail/start/api.ts';
import { keys } from '../api/keys.ts';
import { byRole, mailboxesQuery } from '../api/mailboxes.ts';
import type { Mailbox, Role } from '../api/types.ts';
import { getListPreferences } from './preferences.ts';
import type { Beginning, Question } from './source.ts';
import { sourceOf } from './sources.ts';

/** What one wrote oneself is looked for by whom it went to: each is a row. */
export function questionOf(mailboxId: string, role: Role | null, conversations: boolean): Question {
  const collapseThreads = conversations && role !== 'drafts' && role !== 'sent' && role !== 'trash' && role !== 'junk';
  return { filter: { inMailbox: mailboxId }, sort: NEWEST_FIRST, collapseThreads, mailboxId };
}

/** @param answer what is on its way; undefined: it is asked for. Never rejects: the list asks again, and tells. */
export async function inboxBegins(queries: QueryClient, inbox: Mailbox, answer: Promise<Beginning | undefined>): Promise<void> {
  const question = questionOf(inbox.id, inbox.role, getListPreferences().conversations);
  const source = sourceOf(question, inbox.totalEmails);
  if (source.isRead()) return;
  try {
    await source.begin(answer);
    // So that the list, which is shown with it, does not ask for it again.
    queries.setQueryData(keys.list(question.filter, question.sort, question.collapseThreads), Date.now());
  } catch {
    // Nothing was promised.
  }
}

/** Never rejects. */
export async function readInboxAhead(queries: QueryClient): Promise<void> {
  try {
    const inbox = byRole(await queries.ensureQueryData(mailboxesQuery), 'inbox');
    if (inbox !== undefined) await inboxBegins(queries, inbox, Promise.resolve(undefined));
  } catch {
    // Nothing was promised.
  }
}
