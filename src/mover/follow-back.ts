/**
 * Following back: from a flip on the former home is kept current with what happens at the new one, so that a rollback
 * takes as long as a hold, and what only the new one holds is little. It is a move in the other direction that goes no
 * further than following until a rollback is asked for (`rollback.ts`) or the window closes.
 *
 * Invariants: the account's route knows nothing of it, so it stands in nobody's way. It only adds, and sets flags: what
 * was deleted at the new home, or what a dying platform no longer lists, stays at the former one until a rollback is
 * asked for, whose passes are a move's. It never fails for good: what goes wrong is kept with it, and it is tried again.
 */
import { sql } from 'kysely';
import type { Store, Tx } from '#store/index.ts';
import type { Claim, MoveRow } from './claim.ts';
import { backOffMs } from './failure.ts';
import type { Judgement } from './failure.ts';
import type { Visit } from './visit.ts';

/** Complaints about a new platform come within days; a row a message is kept so long. */
const WINDOW_DAYS = 14;
/** The first round after the flip, when the customer's clients have come back. */
const FIRST_MS = 5_000;
/** Where something came, soon again; else after twice the time. Accounts at rest cost 30 rounds a second for 28,000. */
const SOON_MS = 15_000;
const LATEST_MS = 15 * 60_000;

/** In the flip's transaction, for the move that ends in it. */
export async function followBack(tx: Tx, { account_id: accountId, source, target, read_back: readBack }: MoveRow): Promise<void> {
  await sql`insert into move (account_id, source, target, read_back, back, back_until, next_at)
    values (${accountId}, ${target}, ${source}, ${readBack}, 'following', clock_timestamp() + ${WINDOW_DAYS} * interval '1 day',
      clock_timestamp() + ${FIRST_MS} * interval '1 millisecond')`.execute(tx.db());
}

/** @returns whether the window has closed: then nothing follows any more */
export function endIfOver(claim: Claim): Promise<boolean> {
  return claim.transaction(async (tx) => {
    const { numAffectedRows } = await sql`update move set state = 'cancelled', owner = null, owner_until = null, ended_at = clock_timestamp()
      where id = ${claim.row.id} and back = 'following' and back_until < clock_timestamp()`.execute(tx.db());
    return numAffectedRows === 1n;
  });
}

/** After passes that left nothing. @returns ms until the next round */
export async function noteFollowed(visit: Visit, pass: { readonly changes: number; readonly ms: number }): Promise<number> {
  const { id, followed_at: before } = visit.move;
  const began = sql`clock_timestamp() - ${pass.ms} * interval '1 millisecond'`;
  const { rows } = await visit.claim.transaction((tx) =>
    sql<{ sinceMs: number }>`update move set state = 'following', followed_at = ${began} where id = ${id}
      returning coalesce(extract(epoch from followed_at - ${before}) * 1000, 0)::float as "sinceMs"`.execute(tx.db()),
  );
  return pass.changes > 0 ? SOON_MS : Math.min(LATEST_MS, Math.max(SOON_MS, 2 * (rows[0]?.sinceMs ?? 0)));
}

/** Something went wrong. An account that lives elsewhere by now has nothing to be followed here. */
export async function noteNotFollowed(claim: Claim, { failure, message }: Judgement, unclean: boolean): Promise<void> {
  const { id, attempt } = claim.row;
  await claim.transaction(async (tx) => {
    if (failure === 'state') await sql`update move set state = 'cancelled', ended_at = clock_timestamp(), error = ${message} where id = ${id}`.execute(tx.db());
    else await sql`update move set attempt = attempt + 1, error = ${message} where id = ${id}`.execute(tx.db());
  });
  await claim.release({ nextInMs: Math.max(SOON_MS, backOffMs(attempt + 1)), unclean });
}

export type FollowingBack = {
  readonly accountId: number;
  readonly from: string;
  readonly to: string;
  /** All that was at the home then is at the former one. */
  readonly followedAt: Date | null;
  readonly until: Date;
  readonly error: string | null;
};

/** What follows back, those furthest behind first. */
export async function followingBack(store: Store, limit = 100): Promise<FollowingBack[]> {
  const { rows } = await sql<FollowingBack>`
    select account_id as "accountId", source as "from", target as "to", followed_at as "followedAt", back_until as until, error
    from move where back = 'following' and state in ('queued', 'copying', 'following')
    order by followed_at nulls first limit ${limit}`.execute(store.db());
  return rows;
}
