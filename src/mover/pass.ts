/**
 * One pass over a pair of mailboxes: makes the target's hold what the source's holds, as far as time allows.
 *
 * Invariants: each pass begins with a fresh SELECT and a whole list on both sides, so that it sees what ended sessions
 * did and what a lost connection left behind; copies that the ledger does not know are settled before anything is
 * appended. Carrying out a pass twice, or half, does no harm.
 */
import { applyFlags, checkFlags, expungeVanished } from './apply.ts';
import { copyMessages } from './copy.ts';
import type { Copied } from './copy.ts';
import { difference } from './difference.ts';
import type { Difference } from './difference.ts';
import { finalFailure, passingFailure } from './failure.ts';
import { flagsKey } from './ledger-row.ts';
import type { LedgerRow, Listed } from './ledger-row.ts';
import { carriedElsewhere, readLedger, removeRows } from './ledger.ts';
import type { Place } from './ledger.ts';
import { listMessages } from './listing.ts';
import { settleLives } from './lives.ts';
import { openPair, placeOf } from './open-pair.ts';
import type { Pair } from './pairs.ts';
import { readBack } from './read-back.ts';
import { recoverOrphans } from './recover.ts';
import { standingOf } from './standing.ts';
import type { Standing } from './tables.ts';
import type { Visit } from './visit.ts';

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
  /** Where both sides stand, when there was nothing to do. */
  readonly standing?: Standing;
};

export async function passMailbox(visit: Visit, pair: Pair): Promise<Pass> {
  const opened = await settleLives(visit, pair, await openPair(visit, pair), () => openPair(visit, pair));
  const place = placeOf(visit, pair, opened);
  const [source, target, ledger, elsewhere] = await Promise.all([
    listMessages(visit.source, pair.sourceMailbox, opened.source.exists),
    listMessages(visit.target, pair.targetMailbox, opened.target.exists),
    readLedger(visit.store, place),
    visit.toHome ? carriedElsewhere(visit.store, place) : new Set<number>(),
  ]);
  const d = atHome(visit, difference(source, target, ledger), elsewhere);
  const [misdated] = d.misdated;
  if (misdated !== undefined) {
    throw finalFailure('date', `the target changes internal dates: message ${misdated.sourceUid} of "${pair.sourceMailbox}"`);
  }
  checkFlags(pair.targetMailbox, source.map(({ flags }) => flags), opened.target.permanentFlags);

  if (d.lost.length > 0) {
    await visit.claim.transaction((tx) => removeRows(tx, place, d.lost.map(({ sourceUid }) => sourceUid)));
  }
  const recovered = await recoverOrphans(visit, place, d.orphans, d.fresh);
  // What is only added to may hold messages that are not ours to remove.
  const [vanished, orphans] = visit.additive ? [[], []] : [d.vanished, d.orphans];
  await expungeVanished(visit, place, vanished);
  const wanted = new Map(source.map((message) => [message.uid, message]));
  const flags = visit.toHome ? [] : [...d.flags, ...adoptedFlags(recovered.adopted, wanted)];
  await applyFlags(visit, place, flags);

  const adopted = new Set(recovered.adopted.map(({ sourceUid }) => sourceUid));
  const left = d.fresh.filter(({ uid }) => !adopted.has(uid));
  const copied = recovered.complete ? await copyMessages(visit, place, left) : NOTHING;
  noteAbsent(visit, place, copied.absent);
  const read = await readBack(visit, place, d.unread);

  const pairs = ledger.length - d.lost.length - vanished.length + adopted.size + copied.messages;
  const bytes = sum(source);
  const quiet = [d.fresh, orphans, vanished, d.lost, flags].every(({ length }) => length === 0);
  const standing = quiet && read ? standingOf(opened, source.length, bytes) : undefined;
  return {
    ...(standing === undefined ? {} : { standing }),
    messages: source.length,
    bytes,
    copiedMessages: pairs,
    copiedBytes: Math.max(0, bytes - sum(left) + copied.bytes),
    changes: orphans.length + vanished.length + flags.length + left.length,
    changedBytes: sum(left) + sum(orphans),
    carried: copied.messages,
    carriedBytes: copied.bytes,
    complete: recovered.complete && copied.complete && read,
  };
}

/**
 * Towards the account's home: what was deleted there since it was copied, or went with its mailbox (renamed or
 * deleted), is not copied again, and flags are the home's. The rows of what was deleted stay, so that it is known.
 */
function atHome({ toHome }: Visit, d: Difference, elsewhere: ReadonlySet<number>): Difference {
  if (!toHome) return d;
  const deleted = new Set([...elsewhere, ...d.lost.map(({ sourceUid }) => sourceUid)]);
  return { ...d, lost: [], fresh: d.fresh.filter(({ uid }) => !deleted.has(uid)) };
}

const NOTHING: Copied = { messages: 0, bytes: 0, complete: false, absent: [] };

const sum = (messages: readonly { readonly size: number }[]): number => messages.reduce((bytes, { size }) => bytes + size, 0);

/** Adopted copies were appended with the flags of their time. */
function adoptedFlags(adopted: readonly LedgerRow[], wanted: ReadonlyMap<number, Listed>) {
  return adopted.flatMap((row) => {
    const flags = wanted.get(row.sourceUid)?.flags ?? row.flags;
    return flagsKey(flags) === flagsKey(row.flags) ? [] : [{ row, flags }];
  });
}

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
