/**
 * From a pass to a page with mail on it: one request, and where all of it comes at once, one rendering.
 *
 * Invariants: nothing waits for what is late: the frame is shown when it is known who is there, and its parts as they come.
 * Who went somewhere else meanwhile stays there.
 */
import type { QueryClient } from '@tanstack/react-query';
import { navigate } from 'wouter/use-browser-location';
import { byRole } from '../api/mailboxes.ts';
import { keys } from '../api/keys.ts';
import { noteRead } from '../api/push.ts';
import { isKnown, loadSession, type Session, setSession } from '../api/session.ts';
import { readStart, type Started } from '../api/start.ts';
import { inboxBegins } from '../list/inbox-ahead.ts';
import { getListPreferences } from '../list/preferences.ts';
import type { RowEmail } from '../list/rows.ts';

/** A frame without mail in it takes half as long to show; a platform that is at hand has answered by then. */
const TOGETHER_MS = 100;

/** @throws ApiError */
export async function begin(queries: QueryClient, signal: AbortSignal | undefined): Promise<Session> {
  if (isKnown()) return loadSession(signal);
  const isHome = (): boolean => location.pathname === '/';
  const started = await readStart<RowEmail>(isHome() ? getListPreferences().conversations : undefined, signal);
  setSession(started.session);
  await Promise.race([spread(queries, started, isHome), new Promise((wake) => setTimeout(wake, TOGETHER_MS))]);
  return started.session;
}

async function spread(queries: QueryClient, { mailboxes, inbox }: Started<RowEmail>, isHome: () => boolean): Promise<void> {
  const boxes = await mailboxes;
  if (boxes === undefined) return;
  queries.setQueryData(keys.mailboxes, boxes.list);
  const box = byRole(boxes.list, 'inbox');
  if (box === undefined || !isHome()) return;
  void inbox.then((begins) => {
    if (begins !== undefined) noteRead({ Mailbox: boxes.state, Email: begins.rows.state, Thread: begins.rows.state });
  });
  navigate(`/mail/${box.id}`, { replace: true });
  await inboxBegins(queries, box, inbox);
}
