/**
 * Mail that reached a platform past us after the account had left it, when the account is carried back there: it is
 * brought to the home first, so that it is the account's like any other, and no difference takes it away.
 *
 * Invariants: a message of a target where the account lived before is expunged there only when it is known: by the ledger
 * of the way there or back, by its UID, or as another copy of one of its mailbox, by its bytes. The
 * home is only added to. What is carried is known from then on; the next pass recognises it on both sides by its bytes.
 */
import { copyMessages } from '../copy/copy.ts';
import { straysCarried } from '../events.ts';
import type { Place } from '../ledger/ledger.ts';
import type { Print } from '../lists/listing.ts';
import type { Messages } from '../lists/message-list.ts';
import { unknownAt } from './stray-mailboxes.ts';
import { subjectOf } from '../visit.ts';
import type { Visit } from '../visit.ts';

/**
 * Carries what is a stray among these messages of the target's selected mailbox into the home's selected one.
 * @param prints theirs; what is not in it has vanished
 * @returns how many were carried; they are no surplus
 */
export async function carryStrays(visit: Visit, place: Place, messages: Messages, prints: ReadonlyMap<number, Print>): Promise<ReadonlySet<number>> {
  const strays = await unknownAt(visit, place.targetMailbox, place.targetUidValidity, prints);
  if (strays.size === 0) return strays;
  const turned: Place = {
    accountId: place.accountId,
    source: place.target,
    target: place.source,
    mailbox: place.targetMailbox,
    sourceUidValidity: place.targetUidValidity,
    targetMailbox: place.mailbox,
    targetUidValidity: place.sourceUidValidity,
  };
  // What the home refuses fails the move: without it the account would go back to where a difference takes it away.
  const refusals = { ...visit.refusals, note: () => false };
  await copyMessages({ ...visit, source: visit.target, target: visit.source, refusals }, turned, messages.filter((uid) => strays.has(uid))).finally(() => visit.book.flush());
  visit.emit(straysCarried, { ...subjectOf(visit), mailbox: place.mailbox, messages: strays.size });
  return strays;
}
