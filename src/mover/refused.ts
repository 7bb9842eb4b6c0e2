/**
 * Messages that a platform refused, and what a person decided about them.
 *
 * Invariants: a decision names messages that were refused, or a class whose refusals are about one message each; it is
 * audited in the transaction of the request that it belongs to, and stands until another request for the same way says
 * something else. What was refused and not decided is asked for anew by each move.
 */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import type { Store, Tx } from '#store/index.ts';
import type { FailureClass } from './tables.ts';

export type RefusedRow = {
  readonly mailbox: string;
  readonly uidValidity: number;
  readonly uid: number;
  /** RFC822.SIZE, or the bytes that were sent. */
  readonly size: number;
  readonly failure: FailureClass;
  /** In the platform's own words. */
  readonly reason: string;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
};

/** Classes whose refusals say something about one message, and will be the same tomorrow. */
const OF_ONE_MESSAGE: ReadonlySet<FailureClass> = new Set(['too-big', 'content', 'date', 'flags']);

export const isOfOneMessage = (failure: FailureClass): boolean => OF_ONE_MESSAGE.has(failure);

/**
 * A whole class may be decided about beforehand where no platform in trouble gives it: one that is full, or cannot read
 * its disk, would leave out everything.
 */
export const DECIDABLE: readonly FailureClass[] = ['too-big', 'content'];

/** What an account may be moved without. Neither: a decision of earlier is withdrawn. */
export type Without = {
  readonly classes: readonly FailureClass[];
  readonly messages: readonly { readonly mailbox: string; readonly uid: number }[];
};

type Way = { readonly accountId: number; readonly source: string; readonly target: string };

/**
 * For a move that is asked for. @param without absent: what was decided stands
 * @throws CausewayError `not-found` for a message that was not refused
 */
export async function decide(tx: Tx, { accountId, source, target }: Way, without: Without | undefined, by: string): Promise<void> {
  const way = sql`account_id = ${accountId} and source = ${source} and target = ${target}`;
  if (without !== undefined) {
    await sql`update refused set decided_by = null, decided_at = null where ${way}`.execute(tx.db());
    const decided = sql`decided_by = ${by}, decided_at = clock_timestamp()`;
    await sql`update refused set ${decided} where ${way} and failure = any(${[...without.classes]}::text[])`.execute(tx.db());
    for (const { mailbox, uid } of without.messages) {
      const { numAffectedRows } = await sql`update refused set ${decided} where ${way} and mailbox = ${mailbox} and source_uid = ${uid}`.execute(tx.db());
      if (numAffectedRows === 0n) {
        throw new CausewayError('not-found', `no move to ${target} was refused message ${uid} of "${mailbox}"`, { remedy: 'causeway refused ADDRESS lists what was.' });
      }
    }
  }
  await sql`delete from refused where ${way} and decided_at is null`.execute(tx.db());
}

export type Refused = RefusedRow & { readonly source: string; readonly target: string };

/** Of one account, on all ways, the last first. */
export async function refusedOf(store: Store, accountId: number): Promise<Refused[]> {
  const { rows } = await sql<Refused>`
    select source, target, mailbox, source_uidvalidity as "uidValidity", source_uid as uid, size, failure, reason, decided_by as "decidedBy",
      decided_at as "decidedAt"
    from refused where account_id = ${accountId} order by move_id desc, mailbox, source_uid`.execute(store.db());
  return rows;
}
