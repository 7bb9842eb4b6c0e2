/**
 * How many emails the conversations have that are on the screen.
 *
 * Invariant: each is a search of all mailboxes, so it is asked for only when the list has stood still for a moment, some at
 * a time, once for each email that stands for its conversation, and not at all where there is much to search.
 */
import { useEffect, useSyncExternalStore } from 'react';
import { createListeners } from '#ui/listeners.ts';
import { onSignedOut } from '../api/http.ts';
import { jmapOne } from '../api/jmap.ts';
import type { GetAnswer } from '../api/types.ts';
import type { Mailbox } from '../api/types.ts';
import type { RowEmail } from './rows.ts';

const STILL_MS = 500;
/** A screen has some twenty. */
const AT_ONCE = 25;
const KEPT = 5_000;
/** Of 25 conversations a search compares 75 fields of each email's head: with 100,000 of them the platform has no time for anything else. */
const MOST_EMAILS = 10_000;

/** Whether an account's mail is little enough to count its conversations. */
export const isSmall = (mailboxes: readonly Mailbox[]): boolean => mailboxes.length > 0 && mailboxes.reduce((sum, { totalEmails }) => sum + totalEmails, 0) <= MOST_EMAILS;

let counts: ReadonlyMap<string, number> = new Map();
const listeners = createListeners();
onSignedOut(() => {
  counts = new Map();
});

/** @returns email → emails in its conversation; not there: not known yet */
export function useThreadCounts(emails: readonly RowEmail[], isOn: boolean): ReadonlyMap<string, number> {
  const known = useSyncExternalStore(listeners.subscribe, () => counts);
  const unknown = isOn ? emails.filter(({ id }) => !known.has(id)).slice(0, AT_ONCE) : [];
  const key = unknown.map(({ id }) => id).join();
  useEffect(() => {
    if (unknown.length === 0) return;
    const gone = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const { list } = await jmapOne<GetAnswer<{ readonly id: string; readonly emailIds: readonly string[] }>>('Thread/get', { ids: [...new Set(unknown.map(({ threadId }) => threadId))] }, gone.signal);
        const sizes = new Map(list.map(({ id, emailIds }) => [id, emailIds.length]));
        counts = new Map([...counts, ...unknown.map(({ id, threadId }) => [id, sizes.get(threadId) ?? 1] as const)].slice(-KEPT));
        listeners.tell();
      } catch {
        // A count is an ornament: the list is whole without it.
      }
    }, STILL_MS);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
    // The emails by their ids.
  }, [key]);
  return known;
}
