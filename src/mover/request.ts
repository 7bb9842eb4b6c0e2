/** Asking for a move, and calling it off. Invariant: an account has at most one open move (a unique index says so). */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { audit } from '#store/index.ts';
import type { Tx } from '#store/index.ts';
import { readRoute } from '#directory/route/acknowledgements.ts';
import { settle } from '#directory/route/phases.ts';
import type { MoveRow } from './claim.ts';
import { decide, type Without } from './refused.ts';
import { BESIDE, CANCELLED, OPEN } from './tables.ts';
import type { MoverTables, ReadBack } from './tables.ts';

export type MoveRequest = {
  readonly accountId: number;
  readonly source: string;
  readonly target: string;
  readonly waveId?: number;
  /** Absent: all copies are read back. What is chosen stands in the receipt. */
  readonly readBack?: ReadBack;
  /** Absent: what was decided of earlier refusals stands. */
  readonly without?: Without | undefined;
  /** For the audit: `operator:root`, `wave:3`. */
  readonly actor?: string;
};

/**
 * Asks that an account be moved. Workers find it by their sweep.
 * @returns the move's id
 * @throws CausewayError `not-found` without such an account; `conflict` when a move of it is open, or when its home is
 * not `source` (or is `target` already)
 */
export async function requestMove(tx: Tx, { accountId, source, target, waveId, readBack = 'all', without, actor = 'mover' }: MoveRequest): Promise<number> {
  const route = await readRoute(tx, accountId);
  if (route === undefined) throw new CausewayError('not-found', `no account has the id ${accountId}`);
  if (route.home === target) throw new CausewayError('conflict', `account ${accountId} already lives at ${target}`);
  if (route.home !== source) throw new CausewayError('conflict', `account ${accountId} lives at ${route.home}, not at ${source}`);
  await decide(tx, { accountId, source, target }, without, actor);
  const order = without === undefined || without.classes.length === 0 ? null : JSON.stringify({ classes: without.classes, by: actor });
  const followed = await takeOverFollowing(tx, { accountId, target, waveId });
  if (followed !== undefined) {
    await sql`update move set without = ${order}::jsonb where id = ${followed}`.execute(tx.db());
    await audit(tx, { actor, act: 'move.requested', subject: `account:${accountId}`, detail: { move: followed, source, target, without } });
    return followed;
  }
  const { rows } = await sql<{ id: number }>`
    insert into move (account_id, source, target, wave_id, read_back, without)
    values (${accountId}, ${source}, ${target}, ${waveId ?? null}, ${readBack}, ${order}::jsonb)
    on conflict (account_id) where state in ('queued', 'copying', 'following', 'held') do nothing
    returning id`.execute(tx.db());
  const id = rows[0]?.id;
  if (id === undefined) throw new CausewayError('conflict', `a move of account ${accountId} is already going on`);
  await audit(tx, { actor, act: 'move.requested', subject: `account:${accountId}`, detail: { move: id, source, target, without } });
  return id;
}

/**
 * What follows back becomes the move that is asked for when it has the same target, since no other may write there; else
 * it ends.
 */
async function takeOverFollowing(tx: Tx, { accountId, target, waveId }: Pick<MoveRequest, 'accountId' | 'target' | 'waveId'>): Promise<number | undefined> {
  // Two movers may not write to one home.
  const { rows } = await sql<{ id: number; target: string; back: string }>`
    select id, target, back from move where account_id = ${accountId} and back = any(${[...BESIDE]}::text[]) and state = any(${[...OPEN]}::text[]) for update`.execute(tx.db());
  const [row] = rows;
  if (row === undefined) return undefined;
  if (row.back === 'merging') {
    const why = 'what was left behind at another platform is still to be merged';
    throw new CausewayError('conflict', `account ${accountId} cannot be moved yet: ${why}`, { retryable: true, remedy: 'It goes on by itself once that platform can be read; causeway losses --give-up ends the waiting.' });
  }
  if (row.target !== target) {
    await sql`update move set ${CANCELLED} where id = ${row.id}`.execute(tx.db());
    return undefined;
  }
  await sql`update move set back = 'asked', wave_id = ${waveId ?? null}, attempt = 0, error = null, next_at = now(), enqueued_at = null,
    requested_at = now() where id = ${row.id}`.execute(tx.db());
  // What was deleted meanwhile is to be deleted there, too.
  await sql`update mailbox_pair set standing = null where move_id = ${row.id}`.execute(tx.db());
  return row.id;
}

/**
 * Calls a move off; the account stays where it is. The worker that has it notices at its next transaction.
 * @throws CausewayError `conflict` when the move has ended, or is in its hold (which ends within seconds)
 */
export async function cancelMove(tx: Tx, moveId: number, { actor, why }: { actor: string; why?: string }): Promise<void> {
  const move = await lockMove(tx, moveId);
  if (!OPEN.includes(move.state)) throw new CausewayError('conflict', `move ${moveId} has ended: ${move.state}`);
  if (move.state === 'held') {
    throw new CausewayError('conflict', `move ${moveId} is in its hold`, { retryable: true, remedy: 'try again in ten seconds' });
  }
  await tx
    .db<MoverTables>()
    .updateTable('move')
    .set({ state: 'cancelled', owner: null, owner_until: null, ended_at: sql<Date>`clock_timestamp()`, error: why ?? null })
    .where('id', '=', moveId)
    .execute();
  const route = await readRoute(tx, move.account_id);
  if (route !== undefined) await settle(tx, move.account_id, route.epoch);
  await audit(tx, { actor, act: 'move.cancelled', subject: `account:${move.account_id}`, why, detail: { move: moveId } });
}

async function lockMove(tx: Tx, moveId: number): Promise<MoveRow> {
  const move = await tx.db<MoverTables>().selectFrom('move').selectAll().where('id', '=', moveId).forUpdate().executeTakeFirst();
  if (move === undefined) throw new CausewayError('not-found', `there is no move ${moveId}`);
  return move;
}
