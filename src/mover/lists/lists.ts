/** What both sides of a pair say that they hold, and what the ledger says: all that a comparison needs. */
import type { Aside } from './aside.ts';
import { createFlagSets } from './flag-sets.ts';
import type { FlagSets } from './flag-sets.ts';
import { createLedgerListing } from '../ledger/ledger-list.ts';
import type { LedgerList } from '../ledger/ledger-list.ts';
import { readLedger } from '../ledger/ledger.ts';
import type { Place } from '../ledger/ledger.ts';
import { listMessages } from './listing.ts';
import { rowsWhere, undatedFailure } from './message-list.ts';
import type { Listing, MessageList } from './message-list.ts';
import type { Selected } from '#imap/commands/select.ts';
import type { Opened } from '../mailboxes/open-pair.ts';
import { sourceLife, targetLife } from '../copy/refusals.ts';
import type { Visit } from '../visit.ts';

export type Lists = {
  /** Of all three: their numbers can be compared. */
  readonly sets: FlagSets;
  readonly source: MessageList;
  readonly target: MessageList;
  /** The rows of both sides' present UIDVALIDITY, no others. */
  readonly ledger: LedgerList;
};

/** What both sides listed, whole, and where they stood then. */
export type Read = { readonly opened: Opened; readonly lists: Lists };

/** Whether a mailbox is known to stand where it stood: nothing came, went or has other flags (HIGHESTMODSEQ, RFC 7162). */
export function standsAs(now: Selected, then: Selected): boolean {
  return now.highestModSeq !== undefined && now.uidValidity === then.uidValidity && now.uidNext === then.uidNext && now.exists === then.exists && now.highestModSeq === then.highestModSeq;
}

/** A source's list, or the ledger's on its way, whose flags are of these sets. `rows`: how many it has, where that is known already. */
export type Known = Pick<Lists, 'sets'> & { readonly source?: MessageList; readonly ledger?: Promise<LedgerList>; readonly rows?: number };

/**
 * Reads all three, of the pair that is selected: without what the account moves without, or was moved away without.
 * @param opened how many messages to expect; none: the side is not asked
 * @param known what need not be read any more
 */
export async function readLists(visit: Visit, place: Place, opened: { readonly [Side in keyof Opened]: Pick<Opened[Side], 'exists'> }, known?: Known): Promise<Lists> {
  const sets = known?.sets ?? createFlagSets();
  const apart = setAside(visit, place);
  const [source, target, ledger] = await Promise.all([
    known?.source ?? listMessages(visit.source, place.mailbox, opened.source.exists, sets, ...apart.source),
    listMessages(visit.target, place.targetMailbox, opened.target.exists, sets, ...apart.target),
    known?.ledger ?? (visit.unledgered.so ? createLedgerListing(sets, 0).list() : readLedger(visit.store, place, sets)),
  ]);
  return { sets, source, target, ledger };
}

/** What is in neither list, as `Listing.list` takes it. */
export function setAside({ refusals }: Visit, place: Place): Readonly<Record<'source' | 'target', Parameters<Listing['list']>>> {
  const onUndated = (message: Aside): void => {
    const error = undatedFailure(place.mailbox, message.uid);
    if (!refusals.note(place, message, error)) throw error;
  };
  return { source: [refusals.leftOut(sourceLife(place)), onUndated], target: [refusals.kept(targetLife(place))] };
}

/** Where each row of the ledger has its two messages: a row number in the side's list, or -1 where it is gone. */
export type Joined = { readonly originals: Int32Array; readonly copies: Int32Array };

/** A merge join by UID, on both sides. */
export function join({ source, target, ledger }: Pick<Lists, 'source' | 'target' | 'ledger'>): Joined {
  const originals = new Int32Array(ledger.length).fill(-1);
  const copies = new Int32Array(ledger.length).fill(-1);
  for (let row = 0, at = 0; row < ledger.length; row += 1) {
    while (at < source.length && source.uids[at]! < ledger.sourceUids[row]!) at += 1;
    if (source.uids[at] === ledger.sourceUids[row]) originals[row] = at;
  }
  let at = 0;
  for (const row of ledger.byTarget) {
    while (at < target.length && target.uids[at]! < ledger.targetUids[row]!) at += 1;
    if (target.uids[at] === ledger.targetUids[row]) copies[row] = at;
  }
  return { originals, copies };
}

/** The rows of a list of this length that are not among these; -1 is none. */
export function rowsBeside(length: number, rows: Iterable<number>): Uint32Array {
  const among = new Uint8Array(length);
  for (const row of rows) if (row >= 0) among[row] = 1;
  return rowsWhere(length, (row) => among[row] === 0);
}
