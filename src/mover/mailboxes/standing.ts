/**
 * Which pairs of mailboxes need no pass, because neither side has changed since one found nothing to do; and since when
 * the others have (drawn-lists.ts).
 *
 * Invariants: it is asked of both sides anew each time, so that a deletion at the target is seen, too. A side stands
 * where it stood only when its UIDVALIDITY, UIDNEXT, number of messages and HIGHESTMODSEQ (RFC 7162: it rises with every
 * change of flags, arrival and expunge) are all the same; without HIGHESTMODSEQ nothing is known to be unchanged. What
 * was remembered was told by SELECT before the lists were read, so a change while they were read is no standing. Where a
 * pass appended many and did nothing else, it is known which UIDs the target has, so count and UIDNEXT tell that it has no
 * others; its HIGHESTMODSEQ is learnt when it is next asked, which is at once unless the wave is paused. A hold does not rely on any of this: it
 * reads the lists of both sides.
 */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import type { Mailbox } from '#imap/commands/mailbox-name.ts';
import type { Selected } from '#imap/commands/select.ts';
import type { ImapConnection } from '#imap/connection.ts';
import type { Tx } from '#store/index.ts';
import type { Opened } from './open-pair.ts';
import type { Pair } from './pairs.ts';
import type { Standing } from '../tables.ts';
import type { Visit } from '../visit.ts';

/** @returns undefined where a side tells of no HIGHESTMODSEQ */
export function standingOf({ source, target }: Opened, messages: number, bytes: number): Standing | undefined {
  const [atSource, atTarget] = [selectedAs(source), selectedAs(target)];
  return atSource === undefined || atTarget === undefined ? undefined : { source: atSource, target: atTarget, messages, bytes };
}

/** After a pass that changed what was there. @param stored UIDs at the target whose flags it set */
export function changedStanding(opened: Opened, messages: number, bytes: number, stored: readonly number[]): Standing | undefined {
  const standing = stored.length > STORED ? undefined : standingOf(opened, messages, bytes);
  return standing && { ...standing, changed: true, ...(stored.length === 0 ? {} : { stored }) };
}

/** Kept with the pair, some 8 kB; more changes at once are rare, and then whole lists are read again. */
const STORED = 1_000;

/** What a side said of itself. */
export type SideSeen = { readonly uidValidity: number; readonly uidNext: number; readonly modSeq: bigint };

/** @returns undefined where its HIGHESTMODSEQ is not known, or it has none (0) */
export function seenOf(told: string): SideSeen | undefined {
  const [, uidValidity, uidNext, modSeq] = /^(\d+) (\d+) \d+ ([1-9]\d*)$/.exec(told) ?? [];
  return modSeq === undefined ? undefined : { uidValidity: Number(uidValidity), uidNext: Number(uidNext), modSeq: BigInt(modSeq) };
}

/** Not known yet: any will do, once. */
const ANY = '?';

/** After a pass that only appended. @param copied what it appended */
export function filledStanding({ source, target }: Opened, copied: { readonly messages: number; readonly lastUid: number }, messages: number, bytes: number): Standing | undefined {
  const atSource = selectedAs(source);
  if (atSource === undefined || target.highestModSeq === undefined) return undefined;
  return { source: atSource, target: `${target.uidValidity} ${copied.lastUid + 1} ${target.exists + copied.messages} ${ANY}`, messages, bytes };
}

function isSame(told: string, known: string): boolean {
  return known.endsWith(` ${ANY}`) ? told.slice(0, told.lastIndexOf(' ')) === known.slice(0, known.lastIndexOf(' ')) : told === known;
}

function selectedAs({ uidValidity, uidNext, exists, highestModSeq }: Selected): string | undefined {
  return highestModSeq === undefined ? undefined : `${uidValidity} ${uidNext} ${exists} ${highestModSeq}`;
}

/** One round trip on both sides, for all pairs together. @returns those in which nothing has changed, as they stand now */
export async function findUnchanged(visit: Visit, pairs: readonly Pair[]): Promise<Map<Pair, Standing>> {
  const unchanged = new Map<Pair, Standing>();
  if (!visit.source.capabilities.has('CONDSTORE') || !visit.target.capabilities.has('CONDSTORE')) return unchanged;
  await Promise.all(
    pairs.map(async (pair) => {
      const { standing } = pair;
      if (standing === null || standing === 'untrue' || standing.changed) return;
      const [source, target] = await Promise.all([tell(visit.source, pair.sourceRef), tell(visit.target, pair.targetMailbox)]);
      if (source === standing.source && target !== undefined && isSame(target, standing.target)) unchanged.set(pair, { ...standing, target });
    }),
  );
  return unchanged;
}

async function tell(connection: ImapConnection, mailbox: Mailbox): Promise<string | undefined> {
  try {
    const { UIDVALIDITY, UIDNEXT, MESSAGES, HIGHESTMODSEQ } = await connection.status(mailbox, ['UIDVALIDITY', 'UIDNEXT', 'MESSAGES', 'HIGHESTMODSEQ']);
    return `${UIDVALIDITY} ${UIDNEXT} ${MESSAGES} ${HIGHESTMODSEQ}`;
  } catch (error) {
    // The pass tells what is wrong with it.
    if (error instanceof CausewayError && error.code === 'refused') return undefined;
    throw error;
  }
}

/** Nothing is known to stand any more, nor can be, in this move. */
export async function markUntrue(tx: Tx, moveId: number, mailbox: string): Promise<void> {
  await sql`update mailbox_pair set standing = '"untrue"'::jsonb where move_id = ${moveId} and source_mailbox = ${mailbox}`.execute(tx.db());
}
