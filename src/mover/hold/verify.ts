/**
 * The proof: each pair of mailboxes, as both platforms list them after the cut, compared as multisets of (fingerprint, internal
 * date, flags).
 *
 * Invariants: it only reads, and trusts nothing that was meant to be done: lists, flags and dates are both sides' own
 * words of this moment; a copy's fingerprint counts only when its bytes were read back under its present UIDVALIDITY
 * and UID, with the size that the target still gives. A move that was ordered without read-back, or with a sample, takes
 * the others by the target's tagged OK, and its receipt says so.
 */
import type { Selected } from '#imap/commands/select.ts';
import type { BothAside } from '../lists/aside.ts';
import { passingFailure } from '../failure.ts';
import { digestOf } from './receipt.ts';
import type { Side } from './receipt.ts';
import { difference } from '../lists/difference.ts';
import { PRINT } from '../ledger/ledger-list.ts';
import { join, readLists, rowsBeside, standsAs } from '../lists/lists.ts';
import type { Lists, Read } from '../lists/lists.ts';
import { rowsWhere } from '../lists/message-list.ts';
import type { Pair } from '../mailboxes/pairs.ts';
import { eachPair, openPair, placeOf } from '../mailboxes/open-pair.ts';
import type { Opened } from '../mailboxes/open-pair.ts';
import { isChosen, readBack } from '../copy/read-back.ts';
import { redraw } from '../lists/redraw.ts';
import type { Visit } from '../visit.ts';

/** See prove-ahead.ts. */
type Ahead = { readonly proven: ReadonlyMap<Pair, Proof>; readonly read: ReadonlyMap<Pair, Read> };

export type Proof = { readonly source: Side; readonly target: Side; readonly aside: BothAside };

/**
 * @param ahead what was read since the cut: proofs of pairs with nothing to do, and of others what both sides listed
 * @param onAgain told how many are listed once more
 * @throws the failure `mismatch`: final when bytes differ, else passing, since something may have come from the side
 */
export async function verifyMailboxes(visit: Visit, pairs: readonly Pair[], { proven, read }: Ahead, onAgain: (pairs: number) => void): Promise<Proof[]> {
  const drawn = new Map<Pair, Proof>();
  await eachPair(pairs.filter((pair) => !proven.has(pair) && read.has(pair)), async (pair) => {
    const proof = proofOf(visit, pair, await redraw(visit, pair, read.get(pair)!));
    if (proof !== undefined) drawn.set(pair, proof);
  });
  onAgain(pairs.filter((pair) => !proven.has(pair) && !drawn.has(pair)).length);
  const proofs: Proof[] = [];
  for (const pair of pairs) proofs.push(proven.get(pair) ?? drawn.get(pair) ?? (await verifyMailbox(visit, pair, read.get(pair))));
  return proofs;
}

async function verifyMailbox(visit: Visit, pair: Pair, read: Read | undefined): Promise<Proof> {
  const opened = await openPair(visit, pair);
  const place = placeOf(visit, pair, opened);
  // Nobody wrote at the source since it was read, so it is the target alone that was changed.
  const isSame = read !== undefined && pair.standing !== 'untrue' && standsAs(opened.source, read.opened.source);
  const lists = await readLists(visit, place, opened, isSame ? { sets: read.lists.sets, source: read.lists.source } : undefined);
  if (!(await readBack(visit, place, difference(lists).unread))) throw mismatch(pair, 'time ran out while copies were read back');
  return prove(pair, opened, lists);
}

/** @returns undefined where there is anything left to do, or to be read back */
export function proofOf(visit: Visit, pair: Pair, read: Read | undefined): Proof | undefined {
  if (read === undefined) return undefined;
  const { fresh, orphans, vanished, lost, flags, misdated, outdated, unread } = difference(read.lists);
  if ([fresh, orphans, vanished, lost, flags, misdated, outdated].some(({ length }) => length > 0)) return undefined;
  for (const { row } of unread) if (isChosen(visit.move.read_back, row)) return undefined;
  try {
    return prove(pair, read.opened, read.lists);
  } catch {
    return undefined;
  }
}

/**
 * @param lists read in the hold, after which every copy was read back that was to be: so every row's fingerprint is that
 * of both messages' bytes
 * @throws the failure `mismatch`
 */
export function prove(pair: Pair, opened: Opened, lists: Lists): Proof {
  const { source, target, ledger } = lists;
  const rows = pairRows(pair, lists);
  if (source.length + source.aside.length !== opened.source.exists) throw mismatch(pair, `the source lists ${source.length} of ${opened.source.exists} messages`);
  if (target.length + target.aside.length !== opened.target.exists) throw mismatch(pair, `the target lists ${target.length} of ${opened.target.exists} messages`);

  const fingerprints = rows.length === ledger.length ? ledger.fingerprints.subarray(0, rows.length * PRINT) : Buffer.alloc(rows.length * PRINT);
  if (rows.length < ledger.length) for (const [at, row] of rows.entries()) ledger.fingerprints.copy(fingerprints, at * PRINT, row * PRINT, (row + 1) * PRINT);
  // The same rows are each side's, so this is.
  const held = { count: rows.length, bytes: rows.reduce((sum, row) => sum + ledger.sizes[row]!, 0), digest: digestOf(fingerprints) };
  const sideOf = (mailbox: string, { uidValidity, uidNext }: Selected): Side => ({ mailbox, uidValidity, uidNext, ...held });
  const aside = { source: source.aside, target: target.aside };
  return { source: sideOf(pair.sourceMailbox, opened.source), target: sideOf(pair.targetMailbox, opened.target), aside };
}

/**
 * Finds for each message of either side its counterpart on the other, by the ledger's rows, each of which names one of
 * both sides: so the multisets are equal when each pair is.
 * @returns the rows of all pairs
 * @throws the failure `mismatch`
 */
function pairRows(pair: Pair, lists: Lists): Uint32Array {
  const { sets, source, target, ledger } = lists;
  const { originals, copies } = join(lists);
  const rows = rowsWhere(ledger.length, (row) => originals[row]! >= 0 && copies[row]! >= 0);
  const [uncopied] = rowsBeside(source.length, rows.map((row) => originals[row]!));
  if (uncopied !== undefined) throw mismatch(pair, `message ${source.uids[uncopied]} has no copy`);
  const [foreign] = rowsBeside(target.length, rows.map((row) => copies[row]!));
  if (foreign !== undefined) throw mismatch(pair, `the target holds message ${target.uids[foreign]}, which the source does not`);
  for (const row of rows) {
    const [original, copy] = [originals[row]!, copies[row]!];
    const equal = source.dates[original] === target.dates[copy] && sets.same(source.flags[original]!, target.flags[copy]!);
    if (!equal) throw mismatch(pair, `message ${source.uids[original]} and its copy differ in date or flags`);
  }
  return rows;
}

function mismatch(pair: Pair, what: string): Error {
  return passingFailure('mismatch', `"${pair.sourceMailbox}" and its copy are not equal: ${what}`);
}
