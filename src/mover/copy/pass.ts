/**
 * One pass over a pair of mailboxes: makes the target's hold what the source's holds, as far as time allows.
 *
 * Invariants: each pass begins with a fresh SELECT on both sides, and with what they hold then, so that it sees what ended
 * sessions did and what a lost connection left behind; copies that the ledger does not know are settled before anything is
 * appended. Carrying out a pass twice, or half, does no harm.
 */
import { applyFlags, checkFlags, expungeVanished } from './apply.ts';
import { collectLists } from './collect.ts';
import type { Ahead, Early } from './ahead.ts';
import { copyMessages } from './copy.ts';
import type { Copied } from './copy.ts';
import { difference } from '../lists/difference.ts';
import type { Difference } from '../lists/difference.ts';
import { drawLists, wordsHeld } from '../lists/drawn-lists.ts';
import { modSeqUntrue } from '../events.ts';
import { finalFailure, passingFailure } from '../failure.ts';
import { carriedElsewhere, removeRows, setFlags } from '../ledger/ledger.ts';
import type { Place } from '../ledger/ledger.ts';
import { readLists, setAside, standsAs } from '../lists/lists.ts';
import type { Lists, Read } from '../lists/lists.ts';
import { settleLives } from '../mailboxes/lives.ts';
import { openPair, placeOf } from '../mailboxes/open-pair.ts';
import type { Opened } from '../mailboxes/open-pair.ts';
import type { Pair } from '../mailboxes/pairs.ts';
import { readBack } from './read-back.ts';
import { recoverOrphans } from './recover.ts';
import { sourceLife } from './refusals.ts';
import { changedStanding, filledStanding, markUntrue, standingOf } from '../mailboxes/standing.ts';
import type { Standing } from '../tables.ts';
import { subjectOf } from '../visit.ts';
import type { Visit } from '../visit.ts';

export type Pass = {
  /** At the source. */
  readonly messages: number;
  readonly bytes: number;
  /** Of those, how many have a copy now. */
  readonly copiedMessages: number;
  readonly copiedBytes: number;
  /** What had to be changed: how far the target was behind. */
  readonly changes: number;
  readonly changedBytes: number;
  /** Of those, the messages that were copied. */
  readonly carried: number;
  readonly carriedBytes: number;
  /** False when something is left for a further pass. */
  readonly complete: boolean;
  /** What both sides hold, when nothing had to be changed. */
  readonly settled?: { readonly opened: Opened; readonly lists: Lists };
  /** Where both sides stood, when all is carried over. */
  readonly standing?: Standing;
  /** Instead, when a further pass follows at once: then what was appended need not be looked into again. */
  readonly filled?: Standing;
};

/**
 * @param held in a hold, or a whole pass: both sides' whole lists are what counts, which may have been read since the cut
 * @param ahead what is on its way on this visit's connections
 */
export async function passMailbox(visit: Visit, pair: Pair, held?: { readonly read: Read | undefined }, ahead?: Ahead): Promise<Pass> {
  let early = ahead?.take(pair);
  const reopen = (): Promise<Opened> => {
    ahead?.drop(early);
    early = undefined;
    return openPair(visit, pair);
  };
  let found = await openPair(visit, pair, early);
  // What is at the target already may have to be held against the source's, message by message.
  if (early !== undefined && found.target.exists > 0 && visit.unledgered.so) found = await reopen();
  const opened = await settleLives(visit, pair, found, reopen);
  const place = placeOf(visit, pair, opened);
  const [lists, elsewhere] = await Promise.all([listsFor(visit, pair, place, opened, held, early), visit.toHome ? carriedElsewhere(visit.store, place) : new Set<number>()]);
  const { source, ledger } = lists;
  const d = atHome(visit, difference(lists), elsewhere);
  const [misdated] = d.misdated;
  if (misdated !== undefined) {
    throw finalFailure('date', `the target changes internal dates: message ${misdated.sourceUid} of "${pair.sourceMailbox}"`);
  }
  checkFlags(pair.targetMailbox, source.usedFlags(), opened.target.permanentFlags);

  if (d.lost.length > 0) {
    await visit.claim.transaction((tx) => removeRows(tx, place, Array.from(d.lost, ({ sourceUid }) => sourceUid)));
  }
  const recovered = await recoverOrphans(visit, place, d.orphans, d.fresh);
  // What is only added to may hold messages that are not ours to remove.
  const [vanished, orphans] = visit.additive ? [[], { length: 0, bytes: 0 }] : [d.vanished, d.orphans];
  await expungeVanished(visit, place, vanished);
  const flags = visit.toHome ? [] : [...d.flags, ...recovered.flags];
  await applyFlags(visit, place, flags);
  if (d.outdated.length > 0) await visit.claim.transaction((tx) => setFlags(tx, place, d.outdated));

  const { adopted } = recovered;
  const refused = visit.refusals.known(sourceLife(place));
  const left = adopted.size + refused.size === 0 ? d.fresh : d.fresh.filter((uid) => !adopted.has(uid) && !refused.has(uid));
  const copied = recovered.complete ? await copyMessages(visit, place, left, ahead && { early, ahead, reopen }) : NOTHING;
  noteAbsent(visit, place, copied.absent);
  const read = await readBack(visit, place, d.unread, held === undefined);

  const pairs = ledger.length - d.lost.length - vanished.length + adopted.size + copied.messages;
  const { bytes } = source;
  // What another pass over a mailbox, or the proof, reads from the ledger is in it.
  if (held !== undefined || visit.additive || visit.returning) await visit.book.flush();
  const still = [orphans, vanished, d.lost, flags].every(({ length }) => length === 0) && read;
  const isFilled = still && copied.complete && copied.unread === 0 && pairs === source.length && copied.messages > 0;
  const filled = isFilled ? filledStanding(opened, copied, source.length, bytes) : undefined;
  const standing =
    still && d.fresh.length === 0
      ? standingOf(opened, source.length, bytes)
      : filled !== undefined && copied.messages > FEW
        ? filled
        : copied.complete
          ? changedStanding(opened, source.length, bytes, flags.map(({ targetUid }) => targetUid))
          : undefined;
  return {
    ...(standing === undefined || pair.standing === 'untrue' ? {} : { standing }),
    ...(filled === undefined || pair.standing === 'untrue' ? {} : { filled }),
    ...(still && d.fresh.length === 0 ? { settled: { opened, lists } } : {}),
    messages: source.length,
    bytes,
    copiedMessages: pairs,
    copiedBytes: Math.max(0, bytes - left.bytes + copied.bytes),
    changes: orphans.length + vanished.length + flags.length + left.length,
    changedBytes: left.bytes + orphans.bytes,
    carried: copied.messages,
    carriedBytes: copied.bytes,
    complete: recovered.complete && copied.complete && read,
  };
}

/**
 * What both sides hold: drawn where that is possible, else read whole. What a whole list shows of a side's word, against
 * it, is written down: then it is not relied on again.
 */
async function listsFor(
  visit: Visit,
  pair: Pair,
  place: Place,
  opened: Opened,
  held: { readonly read: Read | undefined } | undefined,
  early: Early | undefined,
): Promise<Lists> {
  const { standing } = pair;
  const read = held?.read;
  if (held === undefined) collectLists(opened.source.exists);
  const readWhole = async (): Promise<Lists> => {
    if (read !== undefined && standsAs(opened.source, read.opened.source) && standsAs(opened.target, read.opened.target)) return read.lists;
    if (early === undefined) return readLists(visit, place, opened);
    const listing = await early.listed;
    return readLists(visit, place, opened, { sets: early.sets, source: listing.list(...setAside(visit, place).source) });
  };
  // At the home flags are as they are there, and the ledger does not say how.
  if (standing === null || standing === 'untrue' || visit.toHome) return readWhole();
  const drawn = held !== undefined ? 'unknown' : await drawLists(visit, place, opened, standing);
  if (typeof drawn === 'object') return drawn;
  const lists = await readWhole();
  if (drawn === 'untrue' || !(await wordsHeld(visit, opened, standing, lists))) {
    pair.standing = 'untrue';
    await visit.claim.transaction((tx) => markUntrue(tx, visit.move.id, pair.sourceMailbox));
    visit.emit(modSeqUntrue, { ...subjectOf(visit), mailbox: pair.sourceMailbox });
  }
  return lists;
}

/**
 * Towards the account's home: what was deleted there since it was copied, or went with its mailbox (renamed or
 * deleted), is not copied again, and flags are the home's. The rows of what was deleted stay, so that it is known.
 */
function atHome({ toHome }: Visit, d: Difference, elsewhere: ReadonlySet<number>): Difference {
  if (!toHome) return d;
  const deleted = new Set([...elsewhere, ...Array.from(d.lost, ({ sourceUid }) => sourceUid)]);
  return { ...d, lost: [], fresh: d.fresh.filter((uid) => !deleted.has(uid)) };
}

/** After fewer a further pass does not follow at once, and to draw them costs little. */
const FEW = 500;

const NOTHING: Copied = { messages: 0, bytes: 0, complete: false, lastUid: 0, unread: 0, absent: [] };

/** Messages that the source lists and does not give: once may be a customer's expunge, again is not. */
function noteAbsent(visit: Visit, place: Place, uids: readonly number[]): void {
  for (const uid of uids) {
    const key = `${place.sourceUidValidity} ${uid} ${place.mailbox}`;
    if (visit.absent.has(key)) {
      throw passingFailure('source-read', `the source lists message ${uid} of "${place.mailbox}" and does not give it`);
    }
    visit.absent.add(key);
  }
}
