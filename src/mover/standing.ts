/**
 * Which pairs of mailboxes need no pass, because neither side has changed since one found nothing to do.
 *
 * Invariants: it is asked of both sides anew each time, so that a deletion at the target is seen, too. A side stands
 * where it stood only when its UIDVALIDITY, UIDNEXT, number of messages and HIGHESTMODSEQ (RFC 7162: it rises with every
 * change of flags, arrival and expunge) are all the same; without HIGHESTMODSEQ nothing is known to be unchanged. What
 * was remembered was told by SELECT before the lists were read, so a change while they were read is no standing. A hold
 * does not rely on it: it reads the lists of both sides.
 */
import { CausewayError } from '#errors/index.ts';
import type { Mailbox } from '#imap/commands/mailbox-name.ts';
import type { Selected } from '#imap/commands/select.ts';
import type { ImapConnection } from '#imap/connection.ts';
import type { Opened } from './open-pair.ts';
import type { Pair } from './pairs.ts';
import type { Standing } from './tables.ts';
import type { Visit } from './visit.ts';

/** @returns undefined where a side tells of no HIGHESTMODSEQ */
export function standingOf({ source, target }: Opened, messages: number, bytes: number): Standing | undefined {
  const [atSource, atTarget] = [selectedAs(source), selectedAs(target)];
  return atSource === undefined || atTarget === undefined ? undefined : { source: atSource, target: atTarget, messages, bytes };
}

function selectedAs({ uidValidity, uidNext, exists, highestModSeq }: Selected): string | undefined {
  return highestModSeq === undefined ? undefined : `${uidValidity} ${uidNext} ${exists} ${highestModSeq}`;
}

/** One round trip on both sides, for all pairs together. @returns those in which nothing has changed */
export async function findUnchanged(visit: Visit, pairs: readonly Pair[]): Promise<Map<Pair, Standing>> {
  const unchanged = new Map<Pair, Standing>();
  if (!visit.source.capabilities.has('CONDSTORE') || !visit.target.capabilities.has('CONDSTORE')) return unchanged;
  await Promise.all(
    pairs.map(async (pair) => {
      const { standing } = pair;
      if (standing === null) return;
      const [source, target] = await Promise.all([tell(visit.source, pair.sourceRef), tell(visit.target, pair.targetMailbox)]);
      if (source === standing.source && target === standing.target) unchanged.set(pair, standing);
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
