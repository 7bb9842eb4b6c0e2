/**
 * Asking that an account be carried back to where it came from.
 *
 * Invariants: a rollback is a move like any other, with hold, proof and receipt; while its home can be read nothing is
 * lost by it. It goes on from what follows back (`follow-back.ts`), if that is still open, else from the ledger.
 */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { audit, type Tx } from '#store/index.ts';
import { readRoute } from '#directory/route/acknowledgements.ts';
import { requestMove } from './request.ts';

export type RollbackRequest = {
  readonly accountId: number;
  readonly actor: string;
  readonly why?: string | undefined;
  /** The home is dead: nothing is read there, and what came to it since it was followed last is missing until it can be (abandon.ts). */
  readonly homeIsDead?: boolean;
};

/**
 * @returns the id of the move back; of the one that is going on, if it was asked for already
 * @throws CausewayError `not-found` without such an account; `conflict` when it was never moved, was rolled back
 * already, lives elsewhere, or is being moved
 */
export async function requestRollback(tx: Tx, { accountId, actor, why, homeIsDead = false }: RollbackRequest): Promise<number> {
  const route = await readRoute(tx, accountId);
  if (route === undefined) throw new CausewayError('not-found', `no account has the id ${accountId}`);
  const back = homeIsDead ? 'without' : 'asked';
  // One that waits for a home that died meanwhile can do without it.
  const open = await sql<{ id: number }>`
    update move set back = ${back}, next_at = now() where account_id = ${accountId} and back in ('asked', 'without')
      and state in ('queued', 'copying', 'following', 'held') returning id`.execute(tx.db());
  if (open.rows[0] !== undefined) return open.rows[0].id;
  const { rows } = await sql<{ source: string; target: string; back: string | null }>`
    select source, target, back from move where account_id = ${accountId} and state = 'moved' order by id desc limit 1`.execute(tx.db());
  const [last] = rows;
  if (last === undefined) throw new CausewayError('conflict', `account ${accountId} was never moved`);
  if (last.back !== null) {
    throw new CausewayError('conflict', `account ${accountId} was rolled back to ${last.target} already`, { remedy: 'causeway move carries it again' });
  }
  if (route.home !== last.target) throw new CausewayError('conflict', `account ${accountId} lives at ${route.home}, not where its last move carried it`);
  const id = await requestMove(tx, { accountId, source: route.home, target: last.source, actor });
  await sql`update move set back = ${back} where id = ${id}`.execute(tx.db());
  await audit(tx, { actor, act: 'move.rollback', subject: `account:${accountId}`, why, detail: { move: id, homeIsDead } });
  return id;
}
