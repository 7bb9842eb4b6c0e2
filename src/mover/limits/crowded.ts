/**
 * Accounts that have as many connections as a platform lets them have, so that a customer's own client was refused while
 * a move had some of them.
 *
 * Invariant: a customer comes before the mover: from then on the move goes on with one pair of connections, the others
 * are given back at the end of what they have in hand, and none is opened for ten minutes.
 */
import { sql } from 'kysely';
import type { Store } from '#store/index.ts';

const LATELY = sql`interval '10 minutes'`;

/** Of a row of `move`. */
export const IS_CROWDED = sql<boolean>`coalesce(crowded_at > now() - ${LATELY}, false)`;

/** A client that is refused comes again at once: of all refusals one in a second is written. */
export async function noteCrowded(store: Store, accountId: number): Promise<void> {
  await sql`update move set crowded_at = now()
    where account_id = ${accountId} and state = 'copying' and (crowded_at is null or crowded_at < now() - interval '1 second')`.execute(store.db());
}
