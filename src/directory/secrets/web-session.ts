/**
 * Browsers in which an account is signed in: for its owner to see, and to end.
 *
 * Invariants: nobody gets in by what is here, and nobody needs it to get in: a pass is sealed, and the instances judge it
 * from memory (signin/pass.ts). What ends one is told by the change feed to all. Of an account there are at most
 * MOST_WEB_SESSIONS, and as many again that were ended: the oldest ends when one too many comes.
 */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { audit, recordChange, type Store, type Tx } from '#store/index.ts';
import { ACCOUNT_TOPIC } from '../topic.ts';
import type { DirectoryTables } from '../tables.ts';

/** More browsers than anybody has; each one that was ended is 30 bytes in every instance's memory. */
export const MOST_WEB_SESSIONS = 25;
/** A day longer than a pass serves (signin/pass.ts). */
export const PASS_KEPT = '31 days';

export type WebSession = {
  readonly id: string;
  readonly madeAt: Date;
  /** To the hour. */
  readonly seenAt: Date;
  readonly network: string;
  /** What the browser says of itself, cut to 200 characters. */
  readonly device: string;
};

const DEVICE_LENGTH = 200;

/** Writes one down, once however often it is called. The oldest over the limit ends. */
export async function noteWebSession(tx: Tx, accountId: number, session: WebSession): Promise<void> {
  const db = tx.db<DirectoryTables>();
  const { id, madeAt, seenAt, network, device } = session;
  await db
    .insertInto('web_session')
    .values({ id, account_id: accountId, made_at: madeAt, seen_at: seenAt, network, device: device.slice(0, DEVICE_LENGTH), ended_at: null })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ seen_at: sql<Date>`greatest(web_session.seen_at, excluded.seen_at)`, network }))
    .execute();
  const { numUpdatedRows } = await db
    .updateTable('web_session')
    .set({ ended_at: sql<Date>`now()` })
    .where('id', 'in', (from) => from.selectFrom('web_session').select('id').where('account_id', '=', accountId).where('ended_at', 'is', null).orderBy('made_at', 'desc').offset(MOST_WEB_SESSIONS))
    .executeTakeFirstOrThrow();
  if (numUpdatedRows > 0n) await recordChange(tx, ACCOUNT_TOPIC, accountId);
  await sql`delete from web_session where account_id = ${accountId} and made_at < now() - ${PASS_KEPT}::interval`.execute(db);
}

/** Those that are not over, the latest first. */
export function listWebSessions(reader: Store | Tx, accountId: number): Promise<WebSession[]> {
  return reader
    .db<DirectoryTables>()
    .selectFrom('web_session')
    .select(['id', 'made_at as madeAt', 'seen_at as seenAt', 'network', 'device'])
    .where('account_id', '=', accountId)
    .where('ended_at', 'is', null)
    .where('made_at', '>', sql<Date>`now() - ${PASS_KEPT}::interval`)
    .orderBy('made_at', 'desc')
    .execute();
}

/**
 * Ends one, or all but one.
 * @returns how many
 * @throws CausewayError('not-found') when there is no such one
 */
export async function endWebSessions(tx: Tx, accountId: number, which: { readonly id: string } | { readonly allBut: string }): Promise<number> {
  const { numUpdatedRows } = await tx
    .db<DirectoryTables>()
    .updateTable('web_session')
    .set({ ended_at: sql<Date>`now()` })
    .where('account_id', '=', accountId)
    .where('ended_at', 'is', null)
    .where('id', 'id' in which ? '=' : '!=', 'id' in which ? which.id : which.allBut)
    .executeTakeFirstOrThrow();
  const ended = Number(numUpdatedRows);
  if (ended === 0) {
    if ('id' in which) throw new CausewayError('not-found', 'the account has no such session, or it is over');
    return 0;
  }
  await audit(tx, { actor: `account:${accountId}`, act: 'account.web-sessions-ended', subject: `account:${accountId}`, why: 'signed out', detail: { sessions: ended } });
  await recordChange(tx, ACCOUNT_TOPIC, accountId);
  return ended;
}
