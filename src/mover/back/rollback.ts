/**
 * Asking that an account be carried back to where it came from.
 *
 * Invariants: a rollback is a move like any other, with hold, proof and receipt; while its home can be read nothing is
 * lost by it. It goes on from what follows back (`follow-back.ts`), if that is still open, else from the ledger.
 */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { audit, type Store, type Tx } from '#store/index.ts';
import { readRoute } from '#directory/route/acknowledgements.ts';
import { followingBack } from './follow-back.ts';
import { requestMove } from '../request.ts';
import type { Without } from '../refused.ts';
import { OPEN } from '../tables.ts';

export type RollbackRequest = {
  readonly accountId: number;
  readonly actor: string;
  readonly why?: string | undefined;
  readonly without?: Without | undefined;
  /** The home is dead: nothing is read there, and what came to it since it was followed last is missing until it can be (abandon.ts). */
  readonly homeIsDead?: boolean;
};

/**
 * @returns the id of the move back; of the one that is going on, if it was asked for already
 * @throws CausewayError `not-found` without such an account; `conflict` when it was never moved, was rolled back
 * already, lives elsewhere, or is being moved; or when it is on its way back, and `without` would change what was asked
 */
export async function requestRollback(tx: Tx, { accountId, actor, why, without, homeIsDead = false }: RollbackRequest): Promise<number> {
  const route = await readRoute(tx, accountId);
  if (route === undefined) throw new CausewayError('not-found', `no account has the id ${accountId}`);
  const back = homeIsDead ? 'without' : 'asked';
  // One that waits for a home that died meanwhile can do without it.
  const open = await sql<{ id: number }>`
    update move set back = ${back}, next_at = now() where account_id = ${accountId} and back in ('asked', 'without')
      and state = any(${[...OPEN]}::text[]) returning id`.execute(tx.db());
  if (open.rows[0] !== undefined && without !== undefined) {
    throw new CausewayError('conflict', `account ${accountId} is being carried back already, and not otherwise for what is said now`, { remedy: 'decide when that has ended: it waits for nobody, and what is refused ends it' });
  }
  if (open.rows[0] !== undefined && homeIsDead) await takeFromOwner(tx, open.rows[0].id);
  if (open.rows[0] !== undefined) return open.rows[0].id;
  const { rows } = await sql<{ source: string; target: string; back: string | null }>`
    select source, target, back from move where account_id = ${accountId} and state = 'moved' order by id desc limit 1`.execute(tx.db());
  const [last] = rows;
  if (last === undefined) throw new CausewayError('conflict', `account ${accountId} was never moved`);
  if (last.back !== null) {
    throw new CausewayError('conflict', `account ${accountId} was rolled back to ${last.target} already`, { remedy: 'causeway move carries it again' });
  }
  if (route.home !== last.target) throw new CausewayError('conflict', `account ${accountId} lives at ${route.home}, not where its last move carried it`);
  const id = await requestMove(tx, { accountId, source: route.home, target: last.source, without, actor });
  await sql`update move set back = ${back} where id = ${id}`.execute(tx.db());
  if (homeIsDead) await takeFromOwner(tx, id);
  await audit(tx, { actor, act: 'move.rollback', subject: `account:${accountId}`, why, detail: { move: id, homeIsDead } });
  return id;
}

/** Above the time in which an owner notices that it is none: a fifth of TAKE_OVER_MS, and its round's end. */
const NOTICED_MS = 3_000;

/** A worker that waits for a word of the dead home, for twenty seconds at most, has the row no more. */
async function takeFromOwner(tx: Tx, id: number): Promise<void> {
  await sql`update move set owner = null, owner_until = null, enqueued_at = null, unclean = true,
    next_at = now() + ${NOTICED_MS} * interval '1 millisecond' where id = ${id} and owner is not null`.execute(tx.db());
}

export type RollbackPreview = {
  readonly address: string;
  readonly from: string;
  readonly to: string;
  /** All that was at the home then is at the former one; null: it is not kept current, or nothing of what came since the flip may be there. */
  readonly followedAt: Date | null;
  /** What came within this is still to be carried, or would be missing; null: the former home is not kept current. */
  readonly lagSeconds: number | null;
};

/** What a rollback would do now. Changes nothing. @throws what `requestRollback` does */
export async function previewRollback(store: Store, accountIds: readonly number[]): Promise<RollbackPreview[]> {
  const following = new Map((await followingBack(store, accountIds)).map((each) => [each.address, each]));
  const ways: { address: string; from: string; to: string }[] = [];
  const undone = new Error('undone');
  await store
    .transaction(async (tx) => {
      for (const accountId of accountIds) {
        const id = await requestRollback(tx, { accountId, actor: 'preview' });
        const { rows } = await sql<{ address: string; from: string; to: string }>`
          select a.address, m.source as "from", m.target as "to" from move m join account a on a.id = m.account_id where m.id = ${id}`.execute(tx.db());
        ways.push(...rows);
      }
      throw undone;
    })
    .catch((error: unknown) => {
      if (error !== undone) throw error;
    });
  return ways.map((way) => ({ ...way, followedAt: following.get(way.address)?.followedAt ?? null, lagSeconds: following.get(way.address)?.lagSeconds ?? null }));
}
