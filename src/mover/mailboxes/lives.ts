/**
 * UIDVALIDITY: which life of a mailbox its UIDs belong to (RFC 3501 2.3.1.1).
 *
 * Invariants: no mailbox of the target keeps a UIDVALIDITY that clients may know from the source, since their cached
 * UIDs would name other messages; every UIDVALIDITY of the source is written down before it is relied on; ledger rows
 * of earlier lives are gone before new ones are written. A mailbox of the source that began a new life is compared and
 * copied anew; copies that are already there are recognised as orphans.
 */
import { messageOf } from '#errors/index.ts';
import { mailboxRecreated } from '../events.ts';
import { finalFailure, passingFailure } from '../failure.ts';
import { dropEarlierLives, dropEarlierSourceLives } from '../ledger/ledger.ts';
import { isInbox } from './names.ts';
import { createMailbox } from './make-mailbox.ts';
import type { Pair } from './pairs.ts';
import { writeLives, writeSeen } from '../ledger/life-rows.ts';
import { placeOf } from './open-pair.ts';
import type { Opened } from './open-pair.ts';
import { subjectOf } from '../visit.ts';
import type { Visit } from '../visit.ts';

/** Most servers take the seconds of the clock, so a mailbox made later than a second has another. */
const TRIES = 3;
const SECOND_MS = 1_100;

export function seenKey(mailbox: string, uidValidity: number): string {
  return `${uidValidity} ${mailbox}`;
}

/** @param reopen selects both mailboxes anew @returns both as they are when all is settled */
export async function settleLives(visit: Visit, pair: Pair, opened: Opened, reopen: () => Promise<Opened>): Promise<Opened> {
  let now = opened;
  for (let tries = 0; ; tries += 1) {
    // What is only added to keeps its mailboxes: at an account's home they are what its clients know.
    const known = now.target.uidValidity === now.source.uidValidity || visit.seen.has(seenKey(pair.sourceMailbox, now.target.uidValidity));
    if (visit.additive || !known) break;
    await remember(visit, pair.sourceMailbox, now.source.uidValidity);
    if (tries === TRIES) throw finalFailure('uidvalidity', `the target gives "${pair.targetMailbox}" the source's UIDVALIDITY again and again`);
    if (tries > 0) await visit.clock.sleep(SECOND_MS, visit.claim.signal);
    await recreate(visit, pair, now.target.uidValidity);
    now = await reopen();
  }
  const remembered = visit.seen.has(seenKey(pair.sourceMailbox, now.source.uidValidity));
  if (!remembered || pair.sourceUidValidity !== now.source.uidValidity || pair.targetUidValidity !== now.target.uidValidity) {
    const place = placeOf(visit, pair, now);
    if (visit.unledgered.so) visit.book.lives(place);
    else await visit.claim.transaction(async (tx) => {
      // At the home a mailbox's life ends when a customer renames or deletes it: what it had is not to come back.
      await (visit.toHome ? dropEarlierSourceLives : dropEarlierLives)(tx, place);
      await writeLives(tx, visit.move, [place]);
    });
    visit.seen.add(seenKey(pair.sourceMailbox, now.source.uidValidity));
    pair.sourceUidValidity = now.source.uidValidity;
    pair.targetUidValidity = now.target.uidValidity;
  }
  return now;
}

async function remember(visit: Visit, mailbox: string, uidValidity: number): Promise<void> {
  const key = seenKey(mailbox, uidValidity);
  if (visit.seen.has(key)) return;
  await visit.claim.transaction((tx) => writeSeen(tx, visit.move, [{ mailbox, sourceUidValidity: uidValidity }]));
  visit.seen.add(key);
}

async function recreate(visit: Visit, pair: Pair, uidValidity: number): Promise<void> {
  if (isInbox(pair.targetMailbox)) {
    throw finalFailure(
      'uidvalidity',
      `INBOX has the UIDVALIDITY ${uidValidity} on both platforms, and cannot be made anew: give it another one at the target`,
    );
  }
  try {
    // Some servers do not delete the mailbox that is selected.
    await visit.target.select('INBOX');
    await visit.target.delete(pair.targetMailbox);
    await createMailbox(visit.target, pair.targetMailbox, pair.specialUse);
  } catch (error) {
    throw passingFailure('mailbox', `"${pair.targetMailbox}" could not be made anew at the target: ${messageOf(error)}`, error);
  }
  visit.emit(mailboxRecreated, { ...subjectOf(visit), mailbox: pair.targetMailbox });
}
