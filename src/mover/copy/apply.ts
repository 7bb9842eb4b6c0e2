/** Small changes at the target's selected mailbox. Invariant: it is not yet home, so all that is in it is ours to change. */
import { messageOf } from '#errors/index.ts';
import { refusalOf } from '#imap/refusal.ts';
import { formatSequenceSet } from '#wire/imap/sequence-set.ts';
import { finalFailure, passingFailure } from '../failure.ts';
import { removeRows, setFlags } from '../ledger/ledger.ts';
import type { Place } from '../ledger/ledger.ts';
import { selectAgain } from '../mailboxes/open-pair.ts';
import type { FlagChange } from '../lists/difference.ts';
import { flagsKey } from '../ledger/ledger-row.ts';
import type { LedgerRow } from '../ledger/ledger-row.ts';
import type { Picked } from '../lists/message-list.ts';
import type { Visit } from '../visit.ts';

/** Commands on their way: some 20 kB, which every server reads ahead. */
const AT_ONCE = 24;
/** UIDs named in one command: some 800 bytes at worst, far below servers' limits on a line. */
const UIDS = 100;

function* lots<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

/**
 * Expunges messages of the target's mailbox. Without UIDPLUS all that is marked \Deleted goes; the copies that
 * were to keep that mark are then missed by the next pass, and appended again.
 */
export async function expungeCopies(visit: Visit, place: Pick<Place, 'targetMailbox' | 'targetUidValidity'>, uids: readonly number[]): Promise<void> {
  if (uids.length > 0) await selectAgain(visit, place);
  for (const lot of lots([...uids].sort((a, b) => a - b), UIDS)) {
    const set = formatSequenceSet(lot);
    // One behind the other: what was not marked is not expunged.
    const marked = visit.target.store(set, '+FLAGS', ['\\Deleted']);
    const expunged = visit.target.capabilities.has('UIDPLUS') ? visit.target.expunge(set) : visit.target.run('EXPUNGE');
    await Promise.all([marked, expunged]);
  }
}

/** Expunges the copies of messages that are gone at the source; then the ledger forgets them. */
export async function expungeVanished(visit: Visit, place: Place, vanished: Picked<LedgerRow>): Promise<void> {
  if (vanished.length === 0) return;
  await expungeCopies(visit, place, Array.from(vanished, ({ targetUid }) => targetUid));
  await visit.claim.transaction((tx) => removeRows(tx, place, Array.from(vanished, ({ sourceUid }) => sourceUid)));
  visit.progressed();
}

/** Sets the source's flags on the copies; equal sets go together. */
export async function applyFlags(visit: Visit, place: Place, changes: readonly FlagChange[]): Promise<void> {
  const groups = new Map<string, FlagChange[]>();
  for (const change of changes) {
    const key = flagsKey(change.flags);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [change]);
    else group.push(change);
  }
  const all = [...groups.values()].flatMap((group) => [...lots(group, UIDS)]);
  for (const some of lots(all, AT_ONCE)) {
    await Promise.all(some.map((lot) => storeFlags(visit, place, lot)));
    await visit.claim.transaction((tx) => setFlags(tx, place, some.flat().map(({ sourceUid, flags }) => ({ sourceUid, flags }))));
  }
}

/** @param lot all with the same flags */
async function storeFlags(visit: Visit, place: Place, lot: readonly FlagChange[]): Promise<void> {
  const flags = lot[0]?.flags ?? [];
  const uids = lot.map(({ targetUid }) => targetUid).sort((a, b) => a - b);
  await visit.target.store(formatSequenceSet(uids), 'FLAGS', [...flags]).catch((error: unknown) => {
    if (refusalOf(error)?.status === undefined) throw error;
    const what = `the target refuses the flags ${flags.join(' ')} in "${place.targetMailbox}"`;
    throw passingFailure('flags', `${what}: ${messageOf(error)}`, error);
  });
}

/**
 * Fails the move when the target says by PERMANENTFLAGS (RFC 3501 7.1) that it will not keep a flag that is in use.
 * @param permanent absent where the server did not say: then all may be changed
 */
export function checkFlags(mailbox: string, used: Iterable<readonly string[]>, permanent: readonly string[] | undefined): void {
  if (permanent === undefined || permanent.includes('\\*')) return;
  const kept = new Set(permanent.map((flag) => flag.toLowerCase()));
  for (const flags of used) {
    const refused = flags.find((flag) => !kept.has(flag.toLowerCase()));
    if (refused !== undefined) throw finalFailure('flags', `the target's mailbox "${mailbox}" does not keep the flag ${refused}`);
  }
}
