/** Selects a pair of mailboxes, and names them in their present lives. */
import { CausewayError, messageOf } from '#errors/index.ts';
import type { Selected } from '#imap/commands/select.ts';
import { passingFailure } from './failure.ts';
import type { Place } from './ledger.ts';
import type { Pair } from './pairs.ts';
import type { Visit } from './visit.ts';

export type Opened = { readonly source: Selected; readonly target: Selected };

/** Selects both mailboxes anew, the source's read-only. */
export async function openPair(visit: Visit, pair: Pair): Promise<Opened> {
  const [source, target] = await Promise.all([
    visit.source.examine(pair.sourceRef).catch((error: unknown) => {
      throw asMailboxFailure(error, `the source does not open "${pair.sourceMailbox}"`);
    }),
    visit.target.select(pair.targetMailbox).catch((error: unknown) => {
      throw asMailboxFailure(error, `the target does not open "${pair.targetMailbox}"`);
    }),
  ]);
  return { source, target };
}

export function placeOf(visit: Visit, pair: Pair, opened: Opened): Place {
  return {
    accountId: visit.move.account_id,
    source: visit.move.source,
    target: visit.move.target,
    mailbox: pair.sourceMailbox,
    sourceUidValidity: opened.source.uidValidity,
    targetMailbox: pair.targetMailbox,
    targetUidValidity: opened.target.uidValidity,
  };
}

function asMailboxFailure(error: unknown, what: string): unknown {
  if (!(error instanceof CausewayError) || error.code !== 'refused') return error;
  return passingFailure('mailbox', `${what}: ${messageOf(error)}`, error);
}
