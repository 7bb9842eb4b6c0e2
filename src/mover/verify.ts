/**
 * The proof: each pair of mailboxes, read from both platforms anew, compared as multisets of (fingerprint, internal
 * date, flags).
 *
 * Invariants: it only reads, and trusts nothing that was meant to be done: lists, flags and dates are both sides' own
 * words of this moment; a copy's fingerprint counts only when its bytes were read back under its present UIDVALIDITY
 * and UID, with the size that the target still gives. A move that was ordered without read-back, or with a sample, takes
 * the others by the target's tagged OK, and its receipt says so.
 */
import { passingFailure } from './failure.ts';
import { digestOf } from './receipt.ts';
import type { Side } from './receipt.ts';
import { difference } from './difference.ts';
import { flagsKey } from './ledger-row.ts';
import type { Listed } from './ledger-row.ts';
import { readLedger } from './ledger.ts';
import { listMessages } from './listing.ts';
import type { Pair } from './pairs.ts';
import { openPair, placeOf } from './open-pair.ts';
import { readBack } from './read-back.ts';
import type { Visit } from './visit.ts';

export type Proof = { readonly source: Side; readonly target: Side };

/** @throws the failure `mismatch`: final when bytes differ, else passing, since something may have come from the side */
export async function verifyMailboxes(visit: Visit, pairs: readonly Pair[]): Promise<Proof[]> {
  const proofs: Proof[] = [];
  for (const pair of pairs) proofs.push(await verifyMailbox(visit, pair));
  return proofs;
}

async function verifyMailbox(visit: Visit, pair: Pair): Promise<Proof> {
  const opened = await openPair(visit, pair);
  const place = placeOf(visit, pair, opened);
  const [source, target, ledger] = await Promise.all([
    listMessages(visit.source, pair.sourceMailbox, opened.source.exists),
    listMessages(visit.target, pair.targetMailbox, opened.target.exists),
    readLedger(visit.store, place),
  ]);
  const { unread } = difference(source, target, ledger);
  if (!(await readBack(visit, place, unread))) throw mismatch(pair, 'time ran out while copies were read back');

  // From here on every row's fingerprint is that of both messages' bytes, as far as they were to be read back.
  const bySource = new Map(ledger.map((row) => [row.sourceUid, row]));
  const byTarget = new Map(ledger.map((row) => [row.targetUid, row]));
  const originals = source.map((message) => ({ message, row: bySource.get(message.uid) }));
  const copies = target.map((message) => ({ message, row: byTarget.get(message.uid) }));
  const uncopied = originals.find(({ row }) => row === undefined);
  if (uncopied !== undefined) throw mismatch(pair, `message ${uncopied.message.uid} has no copy`);
  const foreign = copies.find(({ row }) => row === undefined);
  if (foreign !== undefined) throw mismatch(pair, `the target holds message ${foreign.message.uid}, which the source does not`);
  if (source.length !== opened.source.exists) throw mismatch(pair, `the source lists ${source.length} of ${opened.source.exists} messages`);
  if (target.length !== opened.target.exists) throw mismatch(pair, `the target lists ${target.length} of ${opened.target.exists} messages`);

  const counts = new Map<string, number>();
  for (const { message, row } of originals) add(counts, keyOf(message, row!.fingerprint), 1);
  for (const { message, row } of copies) add(counts, keyOf(message, row!.fingerprint), -1);
  const odd = originals.find(({ message, row }) => counts.get(keyOf(message, row!.fingerprint)) !== 0);
  if (odd !== undefined) throw mismatch(pair, `message ${odd.message.uid} and its copy differ in date or flags`);
  if ([...counts.values()].some((count) => count !== 0)) throw mismatch(pair, 'the target holds what the source does not');

  const sideOf = (mailbox: string, selected: typeof opened.source, members: typeof originals): Side => ({
    mailbox,
    uidValidity: selected.uidValidity,
    uidNext: selected.uidNext,
    count: members.length,
    bytes: members.reduce((bytes, { row }) => bytes + row!.size, 0),
    digest: digestOf(members.map(({ row }) => row!.fingerprint)),
  });
  return {
    source: sideOf(pair.sourceMailbox, opened.source, originals),
    target: sideOf(pair.targetMailbox, opened.target, copies),
  };
}

function keyOf({ internalDate, flags }: Listed, fingerprint: Buffer): string {
  return `${fingerprint.toString('base64')} ${internalDate} ${flagsKey(flags)}`;
}

function add(counts: Map<string, number>, key: string, n: number): void {
  counts.set(key, (counts.get(key) ?? 0) + n);
}

function mismatch(pair: Pair, what: string): Error {
  return passingFailure('mismatch', `"${pair.sourceMailbox}" and its copy are not equal: ${what}`);
}
