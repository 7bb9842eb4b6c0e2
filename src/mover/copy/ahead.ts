/**
 * What is on its way on a lane's connections for the mailboxes that come next, while the last answers for the one in hand
 * are awaited: the source's EXAMINE, list and, where they are few, messages; the target's SELECT.
 *
 * Invariants: a pass asks the source for nothing more once anything is asked for behind it, or says so first (`reopen`);
 * what was asked for is then dropped, and asked for anew by its own pass. A SELECT goes behind the last APPEND, and counts
 * only while that mailbox is the one that is selected (open-pair.ts). Messages are asked for only where the account has no
 * ledger yet, and all of a mailbox come by one FETCH: nothing behind them is read before their own pass takes them, so of
 * one mailbox there are messages on their way and of one more a list.
 */
import type { Selected } from '#imap/commands/select.ts';
import type { Mailbox } from '#imap/commands/mailbox-name.ts';
import { formatSequenceSet } from '#wire/imap/sequence-set.ts';
import { createFlagSets } from '../lists/flag-sets.ts';
import type { FlagSets } from '../lists/flag-sets.ts';
import { pieces } from '../lists/listing.ts';
import { createListing } from '../lists/message-list.ts';
import type { Listing, MessageList } from '../lists/message-list.ts';
import { examineSource, selectTarget } from '../mailboxes/open-pair.ts';
import type { Pair } from '../mailboxes/pairs.ts';
import type { Visit } from '../visit.ts';
import { DROP, holdBodies } from './held-bodies.ts';
import type { HeldBodies } from './held-bodies.ts';

export type Early = {
  readonly mailbox: string;
  readonly examined: Promise<Selected>;
  readonly sets: FlagSets;
  readonly listed: Promise<Listing>;
  /** All that the list has, where they are asked for: known when it is there. */
  bodies: HeldBodies | undefined;
  selected: Promise<Selected> | undefined;
  /** Nothing more is asked for on account of it. */
  dropped: boolean;
};

export type Ahead = {
  /** What is on its way for the pair whose turn it is. */
  take(pair: Pair): Early | undefined;
  /** The pass in hand asks nothing more of the source's mailbox. */
  onAsked(): void;
  /** The pass in hand has sent the last that it has for the target's. */
  onSent(): void;
  /** The pass in hand needs the source's mailbox after all: drops what is on its way. @param own the pass's own */
  drop(own?: Early): void;
};

/** A list of so many is half a megabyte, which a lane has beside the one in hand. */
const MOST = 20_000;

/** Asks for a source's list in the turn of its EXAMINE: nothing comes between the two. */
export function readEarly(visit: Visit, named: { readonly sourceMailbox: string; readonly sourceRef: Mailbox }, likely: number): Early {
  const sets = createFlagSets();
  const listing = createListing(sets, named.sourceMailbox, likely);
  const examined = examineSource(visit, named);
  const listed = visit.source.fetchNews('1:*', listing.add).then(() => listing);
  for (const each of [examined, listed]) each.catch(() => {});
  return { mailbox: named.sourceMailbox, examined, sets, listed, bodies: undefined, selected: undefined, dropped: false };
}

/**
 * @param next reserves one more pair for the lane @param likely how many messages the source has told of
 * @param first what is on its way already, for the first pair
 */
export function createAhead(visit: Visit, next: () => Pair | undefined, likely: (pair: Pair) => number, first?: Early): Ahead {
  const reserved: { readonly pair: Pair; early: Early | undefined }[] = [];
  let given = first;

  /** One that is known already is drawn, or not looked into; one that may be empty is not asked. */
  const isRead = (pair: Pair): boolean => pair.standing === null && likely(pair) > 0 && likely(pair) <= MOST;

  function begin(): void {
    const pair = next();
    if (pair === undefined) return;
    const place: (typeof reserved)[number] = { pair, early: undefined };
    reserved.push(place);
    if (!isRead(pair)) return;
    const read = readEarly(visit, pair, likely(pair));
    const early: Early = {
      ...read,
      listed: read.listed.then((listing) => {
        askBodies(early, listing);
        return listing;
      }),
    };
    early.listed.catch(() => {});
    place.early = early;
  }

  /** Of the list that came just now: in the same turn, so that whoever waits for the list finds them asked for. */
  function askBodies(early: Early, listing: Listing): void {
    if (early.dropped || !visit.unledgered.so) return;
    const uids = fewOf(listing);
    if (uids === undefined) return;
    early.bodies = holdBodies(visit.source, uids);
    begin();
  }

  function dropOne(early: Early | undefined): void {
    if (early === undefined) return;
    early.dropped = true;
    void early.bodies?.giveTo(DROP).catch(() => {});
  }

  return {
    take(pair) {
      const place = reserved[0]?.pair === pair ? reserved.shift() : undefined;
      const early = place?.early ?? (given?.mailbox === pair.sourceMailbox ? given : undefined);
      given = undefined;
      return early ?? (isRead(pair) ? readEarly(visit, pair, likely(pair)) : undefined);
    },
    onAsked() {
      if (reserved.length === 0) begin();
    },
    onSent() {
      const [place] = reserved;
      if (place?.early === undefined) return;
      place.early.selected = selectTarget(visit, place.pair);
      place.early.selected.catch(() => {});
    },
    drop(own) {
      dropOne(own);
      for (const place of reserved) {
        dropOne(place.early);
        place.early = undefined;
      }
    },
  };
}

/** @returns the UIDs of a list whose messages come by one FETCH, if there are any */
function fewOf(listing: Listing): string | undefined {
  let uids: number[] | undefined;
  try {
    for (const piece of pieces(sizesOf(listing.list()))) {
      if (uids !== undefined) return undefined;
      uids = piece.map(({ uid }) => uid);
    }
  } catch {
    // What is wrong with it the pass tells.
    return undefined;
  }
  return uids === undefined ? undefined : formatSequenceSet(uids);
}

/** Without the messages, which are made once they are on their way. */
function* sizesOf({ uids, sizes }: MessageList): Generator<{ readonly uid: number; readonly size: number }> {
  for (const [row, uid] of uids.entries()) yield { uid, size: sizes[row]! };
}
