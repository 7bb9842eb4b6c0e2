/**
 * How much there is to copy, before the first of it is: so that progress can be told, and when it will be done.
 *
 * It is a forecast, and nothing is decided by it: the pass counts what it lists.
 */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import type { Pair } from './pairs.ts';
import type { Visit } from './visit.ts';

/** Once a move: one round trip, whatever the number of mailboxes. Sizes only where the source tells them (RFC 8438). */
export async function noteTotals(visit: Visit, pairs: readonly Pair[]): Promise<void> {
  if (visit.move.messages > 0) return;
  const { capabilities } = visit.source;
  const sized = capabilities.has('STATUS=SIZE') || capabilities.has('IMAP4REV2');
  const found = await Promise.all(
    pairs.map(({ sourceRef }) =>
      visit.source.status(sourceRef, sized ? ['MESSAGES', 'SIZE'] : ['MESSAGES']).catch((error: unknown) => {
        // The pass tells of a mailbox that cannot be read.
        if (error instanceof CausewayError && error.code === 'refused') return undefined;
        throw error;
      }),
    ),
  );
  const messages = found.reduce((sum, status) => sum + (status?.MESSAGES ?? 0), 0);
  const bytes = found.reduce((sum, status) => sum + (status?.SIZE ?? 0), 0);
  await visit.claim.transaction(async (tx) => {
    await sql`update move set messages = ${messages}, bytes = ${bytes} where id = ${visit.move.id} and messages = 0`.execute(tx.db());
  });
}
