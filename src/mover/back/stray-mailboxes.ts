/** What nobody knows of the target's messages, and room for it at the home (strays.ts). Invariant: the target is only read. */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { finalFailure } from '../failure.ts';
import { createFlagSets } from '../lists/flag-sets.ts';
import { listMessages, pieces, readPrints } from '../lists/listing.ts';
import type { Print } from '../lists/listing.ts';
import { translate } from '../mailboxes/names.ts';
import type { Space } from '../mailboxes/names.ts';
import type { Visit } from '../visit.ts';

/** Of messages of a mailbox of the target that nothing at the home stands for, those that nobody knows. */
export async function unknownAt({ move, store }: Visit, mailbox: string, uidValidity: number, prints: ReadonlyMap<number, Print>): Promise<Set<number>> {
  const { account_id: accountId, source, target } = move;
  const uids = [...prints.keys()];
  const { rows } = await sql<{ uid: number }>`
    select s.uid from unnest(${uids}::bigint[], ${uids.map((uid) => prints.get(uid)!.fingerprint.toString('hex'))}::text[]) as s (uid, fingerprint)
    where not exists (select from ledger l where l.account_id = ${accountId} and l.source = ${target} and l.target = ${source}
        and l.mailbox = ${mailbox} and l.source_uidvalidity = ${uidValidity} and l.source_uid = s.uid)
      and not exists (select from ledger l where l.account_id = ${accountId} and l.source = ${source} and l.target = ${target}
        and l.target_mailbox = ${mailbox} and l.target_uidvalidity = ${uidValidity} and l.target_uid = s.uid)
      and not exists (select from ledger l where l.account_id = ${accountId} and l.fingerprint = decode(s.fingerprint, 'hex')
        and (l.source = ${target} and l.target = ${source} and l.mailbox = ${mailbox} or l.source = ${source} and l.target = ${target} and l.target_mailbox = ${mailbox}))`.execute(store.db());
  return new Set(rows.map(({ uid }) => uid));
}

/**
 * Makes at the home what it has no mailbox for: those of the target with a stray in them.
 * @param names mailboxes of the target that stand for none of the home's
 * @returns whether one was made: then the survey is to be done anew
 */
export async function makeRoomForStrays(visit: Visit, names: Iterable<string>, spaces: { readonly source: Space; readonly target: Space }, present: ReadonlySet<string>): Promise<boolean> {
  let made = false;
  for (const name of names) {
    const { exists, uidValidity } = await visit.target.examine(name);
    const prints = new Map<number, Print>();
    const kept = visit.refusals.kept({ mailbox: name, uidValidity });
    const listed = await listMessages(visit.target, name, exists, createFlagSets());
    for (const piece of pieces(listed.filter((uid) => !kept.has(uid)))) {
      for (const [uid, print] of await readPrints(visit.target, piece)) prints.set(uid, print);
    }
    const strays = await unknownAt(visit, name, uidValidity, prints);
    if (strays.size === 0) continue;
    const atHome = translate(name, spaces.target, spaces.source);
    if (present.has(atHome)) {
      throw finalFailure('mailbox', `"${name}" at ${visit.move.target} holds ${strays.size} messages that came there past us, and "${atHome}" is another mailbox at ${visit.move.source}`);
    }
    await visit.source.create(atHome).catch((error: unknown) => {
      if (!(error instanceof CausewayError) || error.code !== 'refused') throw error;
      throw finalFailure('mailbox', `"${name}" at ${visit.move.target} holds ${strays.size} messages that came there past us, and ${visit.move.source} does not make it: ${error.message}`, error);
    });
    made = true;
  }
  return made;
}
