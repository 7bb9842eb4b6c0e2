/**
 * In a hold: what a mailbox of the target holds once the last difference was carried over, drawn from the list of it that
 * was read whole in the same hold and from what it says has changed since (RFC 7162), so that a changed mailbox is not
 * listed twice while customers wait.
 *
 * Invariants, and why it may stand for a second list: it begins with a SELECT of its own, which tells how many messages
 * there are, and the side names all its UIDs, so which messages there are is its own word of this moment; sizes and dates
 * are those of the list (RFC 3501 2.3.1.1). Flags are the list's, not the ledger's, where the side names no change: what
 * we have set and it does not name is missing in the drawing, which then proves nothing, and the list is read again. It
 * is not drawn where a side's mod-sequences were found untrue, nor unless the source stands as it was read.
 */
import type { ImapConnection } from '#imap/connection.ts';
import { readLedger } from '../ledger/ledger.ts';
import { standsAs } from './lists.ts';
import type { Read } from './lists.ts';
import { createListing } from './message-list.ts';
import type { MessageList } from './message-list.ts';
import { openPair, placeOf } from '../mailboxes/open-pair.ts';
import type { Pair } from '../mailboxes/pairs.ts';
import type { Visit } from '../visit.ts';

/** @param before read since the cut @returns undefined where it cannot be drawn; then a pair is read again, which tells what is wrong with it */
export async function redraw(visit: Visit, pair: Pair, before: Read): Promise<Read | undefined> {
  const { opened: then, lists } = before;
  const modSeq = then.target.highestModSeq ?? 0n;
  // Messages that are kept there are in no list: such a mailbox is rare.
  if (pair.standing === 'untrue' || modSeq === 0n || lists.target.aside.length > 0) return undefined;
  // In one turn: nothing may come between the SELECT and what is asked of its mailbox.
  const [opening, asking, reading] = await Promise.allSettled([
    openPair(visit, pair),
    ask(visit.target, modSeq),
    readLedger(visit.store, placeOf(visit, pair, then), lists.sets),
  ]);
  if (opening.status === 'rejected' || asking.status === 'rejected' || reading.status === 'rejected') return undefined;
  const [now, ledger] = [opening.value, reading.value];
  const { uidValidity, highestModSeq } = now.target;
  if (!standsAs(now.source, then.source) || uidValidity !== then.target.uidValidity || highestModSeq === undefined) return undefined;
  const target = listFrom(before, asking.value, pair.targetMailbox);
  if (target.length !== now.target.exists) return undefined;
  return { opened: now, lists: { ...lists, target, ledger } };
}

type News = { readonly flags?: readonly string[]; readonly internalDate?: string; readonly size?: number };
type Told = { readonly uids: readonly number[]; readonly changed: ReadonlyMap<number, News> };

/** One FETCH for both what changed and what came: of two Dovecot gives the answers as if they were one's. @param modSeq as it was when the list was read */
async function ask(connection: ImapConnection, modSeq: bigint): Promise<Told> {
  const changed = new Map<number, News>();
  const [uids] = await Promise.all([
    connection.uidSearch({ key: 'all' }),
    connection.fetchNews('1:*', ({ uid, ...news }) => void changed.set(uid, { ...changed.get(uid), ...news }), modSeq),
  ]);
  return { uids, changed };
}

/** Shorter than what there is, where the side names a message of which it told nothing. */
function listFrom({ lists: { sets, target } }: Read, { uids, changed }: Told, mailbox: string): MessageList {
  const listing = createListing(sets, mailbox, uids.length);
  let row = 0;
  for (const uid of uids) {
    while (row < target.length && target.uids[row]! < uid) row += 1;
    if (target.uids[row] === uid) listing.put(uid, target.dates[row]!, target.zones[row]!, target.sizes[row]!, target.flags[row]!);
    const news = changed.get(uid);
    if (news !== undefined) listing.add({ uid, ...news });
  }
  return listing.list();
}
