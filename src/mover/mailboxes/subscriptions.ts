/**
 * Which mailboxes are subscribed, at the source and so at the target.
 *
 * Invariant: a refused change fails nothing: the mailbox is there all the same.
 */
import type { ListEntry } from '#imap/commands/list.ts';
import { subscriptionRefused } from '../events.ts';
import { subjectOf } from '../visit.ts';
import type { Visit } from '../visit.ts';
import { isInbox, isOwn, translate } from './names.ts';
import type { Side } from './side.ts';
import { unlessRefused } from './unless-refused.ts';

/** By the names of their own side. */
export type Subscriptions = { readonly wanted: ReadonlySet<string>; readonly present: ReadonlySet<string> };

/** Of an LSUB's answer. */
export function subscribed(entries: readonly ListEntry[], { space }: Side): Set<string> {
  return new Set(
    entries
      // LSUB shows an unsubscribed parent as \Noselect (RFC 3501 6.3.9).
      .filter(({ name, flags }) => isOwn(name, space) && !flags.some((flag) => flag.toLowerCase() === '\\noselect'))
      .map(({ name }) => (isInbox(name) ? 'INBOX' : name)),
  );
}

/** All names of the source, whether there is such a mailbox or not. */
export async function subscribe(
  visit: Visit,
  source: Side,
  target: Side,
  names: ReadonlyMap<string, string>,
  { wanted, present }: Subscriptions,
): Promise<void> {
  await subscribeEach(visit, names, { wanted, present });
  // Names that only have children, or no longer are: a target may keep such a subscription or not.
  for (const name of wanted) {
    if (names.has(name)) continue;
    const targetName = translate(name, source.space, target.space);
    if (!present.has(targetName)) await unlessRefused(visit.target.subscribe(targetName));
  }
}

/** @param names the mailboxes of the source, with their names at the target */
export async function subscribeEach(visit: Visit, names: ReadonlyMap<string, string>, { wanted, present }: Subscriptions): Promise<void> {
  for (const [name, targetName] of names) {
    if (wanted.has(name) === present.has(targetName)) continue;
    const change = wanted.has(name) ? visit.target.subscribe(targetName) : visit.target.unsubscribe(targetName);
    if (!(await unlessRefused(change))) visit.emit(subscriptionRefused, { ...subjectOf(visit), mailbox: targetName });
  }
}
