/**
 * What both sides of a pair hold, drawn from the ledger and from what they say has changed since a pass compared them
 * (RFC 7162), so that a round over a mailbox of 100,000 messages asks for some of them.
 *
 * Invariants, and why such a drawing may stand for a list until the hold, which reads whole lists:
 * - Which messages there are is never inferred from what is said to have gone: there must be as many as SELECT said exist,
 *   else the side names all its UIDs. VANISHED is not asked for: it names no sum by which it could be checked, iCloud sends
 *   it malformed, and Cyrus leaves out the highest UID.
 * - A UID names the same bytes, size and date for ever (RFC 3501 2.3.1.1), so these are the ledger's; what the ledger does
 *   not know is read from the side.
 * - Flags are the ledger's where the side does not name the message as changed. That is its word, and it is not taken from
 *   one that was found untrue: HIGHESTMODSEQ fell, or did not rise when mail came, or a whole list showed a change that
 *   the side does not name. Flags that we have set are read, not believed: some servers answer OK and forget.
 */
import type { MessageNews } from '#imap/commands/fetch-meta.ts';
import type { Selected } from '#imap/commands/select.ts';
import type { ImapConnection } from '#imap/connection.ts';
import { formatSequenceSet } from '#wire/imap/sequence-set.ts';
import { createFlagSets } from './flag-sets.ts';
import type { FlagSets } from './flag-sets.ts';
import type { LedgerList } from '../ledger/ledger-list.ts';
import { readLedger } from '../ledger/ledger.ts';
import type { Place } from '../ledger/ledger.ts';
import { setAside } from './lists.ts';
import type { Lists } from './lists.ts';
import { createListing, isOwn } from './message-list.ts';
import type { Listing, MessageList } from './message-list.ts';
import type { Opened } from '../mailboxes/open-pair.ts';
import { seenOf } from '../mailboxes/standing.ts';
import type { SideSeen } from '../mailboxes/standing.ts';
import type { Standing } from '../tables.ts';
import type { Visit } from '../visit.ts';

/** Asked for one by one: beyond it a whole list is as cheap. Some 6 kB of UIDs that are no ranges. */
const MISSING = 500;

/** `unknown`: nothing can be said without lists; `untrue`: a side's mod-sequences are not to be believed. */
export type Drawn = Lists | 'unknown' | 'untrue';

/** @param opened as SELECT said now */
export async function drawLists(visit: Visit, place: Place, opened: Opened, standing: Standing): Promise<Drawn> {
  const seen = { source: seenOf(standing.source), target: seenOf(standing.target) };
  if (seen.source === undefined || seen.target === undefined) return 'unknown';
  const sets = createFlagSets();
  const ledger = await readLedger(visit.store, place, sets);
  const apart = setAside(visit, place);
  const [source, target] = await Promise.all([
    drawSide(visit.source, place.mailbox, opened.source, seen.source, knownAt('source', ledger), [], sets, apart.source),
    drawSide(visit.target, place.targetMailbox, opened.target, seen.target, knownAt('target', ledger), standing.stored ?? [], sets, apart.target),
  ]);
  if (source === 'untrue' || target === 'untrue') return 'untrue';
  return source === 'unknown' || target === 'unknown' ? 'unknown' : { sets, source, target, ledger };
}

/** What the ledger says of a side's messages, in the order of their UIDs. */
type Known = { readonly uids: Uint32Array; readonly sizes: Float64Array; readonly order: Uint32Array; readonly ledger: LedgerList };

function knownAt(side: 'source' | 'target', ledger: LedgerList): Known {
  const { sourceUids, targetUids, sizes, targetSizes, byTarget } = ledger;
  if (side === 'source') return { uids: sourceUids, sizes: Float64Array.from(sizes), order: new Uint32Array(ledger.length).map((_, row) => row), ledger };
  return { uids: targetUids, sizes: targetSizes.map((size, row) => (size < 0 ? sizes[row]! : size)), order: byTarget, ledger };
}

async function drawSide(
  connection: ImapConnection,
  mailbox: string,
  selected: Selected,
  seen: SideSeen,
  known: Known,
  stored: readonly number[],
  sets: FlagSets,
  apart: Parameters<Listing['list']>,
): Promise<MessageList | 'unknown' | 'untrue'> {
  const { highestModSeq, uidValidity, uidNext, exists } = selected;
  if (highestModSeq === undefined || uidValidity !== seen.uidValidity || uidNext < seen.uidNext) return 'unknown';
  if (highestModSeq < seen.modSeq) return 'untrue';
  const listing = createListing(sets, mailbox, exists);
  const fresh = new Set<number>();
  const changed = new Map<number, readonly string[]>();
  const hear = (news: MessageNews): void => {
    if (news.uid >= uidNext) return;
    if (news.uid < seen.uidNext) {
      if (news.flags !== undefined) changed.set(news.uid, news.flags);
      return;
    }
    listing.add(news);
    if (news.size !== undefined) fresh.add(news.uid);
  };
  // One FETCH for both what changed and what came: of two Dovecot gives the answers as if they were one's.
  const [, set] = await Promise.all([
    exists === 0
      ? undefined
      : highestModSeq > seen.modSeq
        ? connection.fetchNews('1:*', hear, seen.modSeq)
        : uidNext > seen.uidNext
          ? connection.fetchNews(`${seen.uidNext}:${uidNext - 1}`, hear)
          : undefined,
    stored.length > 0 ? connection.fetchFlags(formatSequenceSet(stored)) : NONE,
  ]);
  if (fresh.size > 0 && highestModSeq === seen.modSeq) return 'untrue';

  const before = known.order.filter((row) => known.uids[row]! < seen.uidNext);
  const all = before.length + fresh.size === exists;
  const present = all ? undefined : new Set(await connection.uidSearch({ key: 'all' }));
  for (const row of before) {
    const uid = known.uids[row]!;
    if (present?.delete(uid) === false) continue;
    const flags = set.get(uid) ?? changed.get(uid);
    const { ledger } = known;
    listing.put(uid, ledger.dates[row]!, ledger.zones[row]!, known.sizes[row]!, flags === undefined ? ledger.flags[row]! : sets.numberOf(flags.filter(isOwn)));
  }
  // What came since SELECT is of the next round.
  const missing = [...(present ?? [])].filter((uid) => uid < uidNext && !fresh.has(uid));
  if (missing.length > MISSING) return 'unknown';
  if (missing.length > 0) await connection.fetchNews(formatSequenceSet(missing), listing.add);
  const list = listing.list(...apart);
  return list.length + list.aside.length === exists ? list : 'unknown';
}

const NONE: ReadonlyMap<number, readonly string[]> = new Map();

/** Asked for in one command. */
const CHECKED = 100;

/**
 * Whether both sides' words held: what a whole list shows as changed since they were seen they name as changed.
 * @param lists read from the sides, whole
 */
export async function wordsHeld(visit: Visit, opened: Opened, standing: Standing, lists: Lists): Promise<boolean> {
  const { ledger, sets } = lists;
  const sides = [
    { connection: visit.source, selected: opened.source, list: lists.source, seen: seenOf(standing.source), known: knownAt('source', ledger), stored: [] },
    { connection: visit.target, selected: opened.target, list: lists.target, seen: seenOf(standing.target), known: knownAt('target', ledger), stored: standing.stored ?? [] },
  ];
  const held = sides.map(async ({ connection, selected, list, seen, known, stored }) => {
    if (seen === undefined || selected.highestModSeq === undefined || selected.uidValidity !== seen.uidValidity) return true;
    if (selected.highestModSeq < seen.modSeq) return false;
    if (selected.highestModSeq === seen.modSeq && (list.uids.at(-1) ?? 0) >= seen.uidNext) return false;
    const ours = new Set(stored);
    const odd: number[] = [];
    let at = 0;
    for (const row of known.order) {
      const uid = known.uids[row]!;
      while (at < list.length && list.uids[at]! < uid) at += 1;
      const isOdd = list.uids[at] === uid && uid < seen.uidNext && !ours.has(uid) && !sets.same(list.flags[at]!, ledger.flags[row]!);
      if (isOdd && odd.length < CHECKED) odd.push(uid);
    }
    if (odd.length === 0) return true;
    const changed = await connection.fetchFlags(formatSequenceSet(odd), seen.modSeq);
    return odd.every((uid) => changed.has(uid));
  });
  return (await Promise.all(held)).every(Boolean);
}
