/** Small changes at the target's selected mailbox. Invariant: it is not yet home, so all that is in it is ours to change. */
import { messageOf } from '#errors/index.ts';
import { refusalOf } from '#imap/refusal.ts';
import { formatSequenceSet } from '#wire/imap/sequence-set.ts';
import { finalFailure, passingFailure } from './failure.ts';
import { removeRows, setFlags } from './ledger.ts';
import type { Place } from './ledger.ts';
import { flagsKey } from './ledger-row.ts';
import type { LedgerRow } from './ledger-row.ts';
import type { Visit } from './visit.ts';

/** UIDs named in one command: some 800 bytes at worst, far below servers' limits on a line. */
const UIDS = 100;

function* lots<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

/**
 * Expunges messages of the target's selected mailbox. Without UIDPLUS all that is marked \Deleted goes; the copies that
 * were to keep that mark are then missed by the next pass, and appended again.
 */
export async function expungeCopies(visit: Visit, uids: readonly number[]): Promise<void> {
  for (const lot of lots([...uids].sort((a, b) => a - b), UIDS)) {
    const set = formatSequenceSet(lot);
    await visit.target.store(set, '+FLAGS', ['\\Deleted']);
    if (visit.target.capabilities.has('UIDPLUS')) await visit.target.expunge(set);
    else await visit.target.run('EXPUNGE');
  }
}

/** Expunges the copies of messages that are gone at the source; then the ledger forgets them. */
export async function expungeVanished(visit: Visit, place: Place, vanished: readonly LedgerRow[]): Promise<void> {
  if (vanished.length === 0) return;
  await expungeCopies(visit, vanished.map(({ targetUid }) => targetUid));
  await visit.claim.transaction((tx) => removeRows(tx, place, vanished.map(({ sourceUid }) => sourceUid)));
  visit.progressed();
}

export type FlagChange = { readonly row: LedgerRow; readonly flags: readonly string[] };

/** Sets the source's flags on the copies; equal sets go together. */
export async function applyFlags(visit: Visit, place: Place, changes: readonly FlagChange[]): Promise<void> {
  const groups = new Map<string, FlagChange[]>();
  for (const change of changes) {
    const key = flagsKey(change.flags);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [change]);
    else group.push(change);
  }
  for (const group of groups.values()) {
    for (const lot of lots(group, UIDS)) {
      const flags = lot[0]?.flags ?? [];
      const uids = lot.map(({ row }) => row.targetUid).sort((a, b) => a - b);
      await visit.target.store(formatSequenceSet(uids), 'FLAGS', [...flags]).catch((error: unknown) => {
        if (refusalOf(error)?.status === undefined) throw error;
        const what = `the target refuses the flags ${flags.join(' ')} in "${place.targetMailbox}"`;
        throw passingFailure('flags', `${what}: ${messageOf(error)}`, error);
      });
      await visit.claim.transaction((tx) => setFlags(tx, place, lot.map(({ row, flags: now }) => ({ sourceUid: row.sourceUid, flags: now }))));
    }
  }
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
