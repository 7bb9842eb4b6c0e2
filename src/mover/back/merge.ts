/**
 * Bringing home what was left behind at a platform that was dead when its accounts were carried back (abandon.ts).
 *
 * Invariants: customers are at work at the home, so it is only added to: no message of theirs is expunged or changed, and
 * what they deleted there does not come back. Recognition is by the ledger, then by bytes: what is at the home already, by
 * whichever way, is not doubled. It is tried until the platform can be read; then the loss is closed. Or until a person
 * gives it up: the account may then be moved again, and what was not merged stays where it is, unless it is moved there.
 */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { audit, type Store, type Tx } from '#store/index.ts';
import { lossMerged } from '../events.ts';
import { cancelMove } from '../request.ts';
import { CANCELLED, OPEN } from '../tables.ts';
import { subjectOf } from '../visit.ts';
import type { Visit } from '../visit.ts';

/** In the transaction of a pass: what it brought. */
export async function noteMerged(tx: Tx, { move }: Visit, { carried, carriedBytes }: { readonly carried: number; readonly carriedBytes: number }): Promise<void> {
  await sql`update loss set merged_messages = merged_messages + ${carried}, merged_bytes = merged_bytes + ${carriedBytes}
    where account_id = ${move.account_id} and platform = ${move.source} and merged_at is null and given_up_at is null`.execute(tx.db());
}

/** After a pass that left nothing. */
export async function endMerge(visit: Visit): Promise<'done'> {
  const { id, account_id: accountId, source } = visit.move;
  const { rows } = await visit.claim.transaction(async (tx) => {
    await sql`update move set ${CANCELLED} where id = ${id}`.execute(tx.db());
    return sql<{ messages: number; bytes: number }>`update loss set merged_at = clock_timestamp()
      where account_id = ${accountId} and platform = ${source} and merged_at is null and given_up_at is null
      returning merged_messages as messages, merged_bytes as bytes`.execute(tx.db());
  });
  visit.emit(lossMerged, { ...subjectOf(visit), platform: source, messages: rows[0]?.messages ?? 0, bytes: rows[0]?.bytes ?? 0 });
  return 'done';
}

/**
 * Ends the waiting for a platform that will never be read again. What was merged stays; what was not is missing.
 * @throws CausewayError `not-found` when nothing is to be merged for the account; `conflict` while it is being merged
 */
export async function giveUpMerge(tx: Tx, { accountId, actor, why }: { readonly accountId: number; readonly actor: string; readonly why: string }): Promise<void> {
  const { rows } = await sql<{ id: number }>`
    select id from move where account_id = ${accountId} and back = 'merging' and state = any(${[...OPEN]}::text[])`.execute(tx.db());
  const [merging] = rows;
  if (merging === undefined) throw new CausewayError('not-found', `nothing is to be merged for account ${accountId}`);
  await cancelMove(tx, merging.id, { actor, why });
  const given = await sql<{ platform: string; followedAt: Date }>`
    update loss set given_up_at = clock_timestamp() where account_id = ${accountId} and merged_at is null and given_up_at is null
    returning platform, followed_at as "followedAt"`.execute(tx.db());
  await audit(tx, { actor, act: 'loss.given-up', subject: `account:${accountId}`, why, detail: { losses: given.rows } });
}

export type Loss = {
  readonly address: string;
  readonly platform: string;
  /** All that was there by then is at the home. */
  readonly followedAt: Date;
  readonly at: Date;
  readonly mergedAt: Date | null;
  /** When a person decided that it is not waited for. */
  readonly givenUpAt: Date | null;
  readonly mergedMessages: number;
  readonly mergedBytes: number;
  /** Why it could not be merged yet. */
  readonly error: string | null;
};

/** Open ones first. @param accountIds absent: all accounts' */
export async function losses(store: Store, accountIds?: readonly number[]): Promise<Loss[]> {
  const { rows } = await sql<Loss>`
    select a.address, l.platform, l.followed_at as "followedAt", l.at, l.merged_at as "mergedAt", l.given_up_at as "givenUpAt",
      l.merged_messages as "mergedMessages", l.merged_bytes as "mergedBytes", m.error
    from loss l join account a on a.id = l.account_id
    left join move m on m.account_id = l.account_id and m.back = 'merging' and m.state = any(${[...OPEN]}::text[])
    where ${accountIds === undefined ? sql`true` : sql`l.account_id = any(${[...accountIds]}::bigint[])`} order by coalesce(l.merged_at, l.given_up_at) is not null, l.at, l.account_id`.execute(store.db());
  return rows;
}
