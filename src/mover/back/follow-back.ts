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
import type { Claim, MoveRow } from '../claim.ts';
import { backOffMs } from '../failure.ts';
import type { Judgement } from '../failure.ts';
import { CANCELLED, OPEN } from '../tables.ts';
import type { PassOfAll } from '../copy/pass-all.ts';
import type { Visit } from '../visit.ts';

/** Complaints about a new platform come within days; a row a message is kept so long. */
export const WINDOW_DAYS = 14;
/** The first round after the flip, when the customer's clients have come back. */
const FIRST_MS = 5_000;
/** Where something came, soon again; else after twice the time. Accounts at rest cost 30 rounds a second for 28,000. */
const SOON_MS = 15_000;
const LATEST_MS = 15 * 60_000;

/** A day, at an hour of the account's own: a list of 20,000 messages costs half a second of a core. */
const WHOLE_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/**
 * Whether this round reads all lists whole, also where nothing seems to have changed, so that a side whose mod-sequences do
 * not tell what happened there is found out before its home dies: once a day.
 * @param now epoch ms, by whichever clock
 */
export function isWholeDue({ account_id: accountId, followed_at: followedAt }: Pick<MoveRow, 'account_id' | 'followed_at'>, now: number): boolean {
  const dayOf = (ms: number): number => Math.floor((ms - (accountId % 24) * HOUR_MS) / WHOLE_MS);
  return followedAt !== null && dayOf(followedAt.getTime()) < dayOf(now);
}

/** In the flip's transaction, for the move that ends in it. */
export async function followBack(tx: Tx, { account_id: accountId, source, target, read_back: readBack }: MoveRow, windowDays: number): Promise<void> {
  await sql`insert into move (account_id, source, target, read_back, back, back_until, next_at)
    values (${accountId}, ${target}, ${source}, ${readBack}, 'following', clock_timestamp() + ${windowDays} * interval '1 day',
      clock_timestamp() + ${FIRST_MS} * interval '1 millisecond')`.execute(tx.db());
}

/** @returns whether the window has closed: then nothing follows any more */
export function endIfOver(claim: Claim): Promise<boolean> {
  return claim.transaction(async (tx) => {
    const { numAffectedRows } = await sql`update move set ${CANCELLED}
      where id = ${claim.row.id} and back = 'following' and back_until < clock_timestamp()`.execute(tx.db());
    return numAffectedRows === 1n;
  });
}

/**
 * After passes that left nothing: all that was at the home when this one began is at the former one.
 * @param pass one that saw all mailboxes as they were together, or the first of two, of which the second saw what customers
 * moved during the first between a mailbox that it had still to look into and one that it had left
 * @returns ms until the next round
 */
export async function noteFollowed(visit: Visit, pass: Pick<PassOfAll, 'changes' | 'began'>): Promise<number> {
  const { id, followed_at: before } = visit.move;
  const began = sql`clock_timestamp() - ${visit.clock.monotonic() - pass.began} * interval '1 millisecond'`;
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
  readonly address: string;
  readonly from: string;
  readonly to: string;
  /** All that was at the home then is at the former one; null: nothing of what came since the flip may be. */
  readonly followedAt: Date | null;
  readonly lagSeconds: number;
  readonly until: Date;
  readonly error: string | null;
};

/** How far behind the home the former one is: since when what came may not be there. */
const LAG = sql`greatest(0, extract(epoch from clock_timestamp() - coalesce(m.followed_at, m.requested_at)))::float`;
const IS_FOLLOWING = sql`m.back = 'following' and m.state = any(${[...OPEN]}::text[])`;

/** What follows back, those furthest behind first. @param accountIds absent: all accounts' */
export async function followingBack(store: Store, accountIds?: readonly number[]): Promise<FollowingBack[]> {
  const { rows } = await sql<FollowingBack>`
    select a.address, m.source as "from", m.target as "to", m.followed_at as "followedAt", ${LAG} as "lagSeconds", m.back_until as until, m.error
    from move m join account a on a.id = m.account_id
    where ${IS_FOLLOWING} and ${accountIds === undefined ? sql`true` : sql`m.account_id = any(${[...accountIds]}::bigint[])`}
    order by "lagSeconds" desc, a.id`.execute(store.db());
  return rows;
}

/** Of the account that is furthest behind, of those that were moved from one platform to the other; 0 without such. */
export async function followingLag(store: Pick<Store, 'db'>, moved: { readonly source: string; readonly target: string }): Promise<number> {
  const { rows } = await sql<{ seconds: number }>`
    select coalesce(max(${LAG}), 0)::float as seconds from move m
    where ${IS_FOLLOWING} and m.source = ${moved.target} and m.target = ${moved.source}`.execute(store.db());
  return rows[0]?.seconds ?? 0;
}
