/**
 * Accounts that stay out of the waves: a funeral, a legal hold, a customer whom support is talking to.
 *
 * Invariants: no wave begins a move of one; what is under way is called off, but for a hold, which ends within seconds. Its
 * waves end without it. Each is audited in the same transaction.
 */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { cancelMove } from '#mover/index.ts';
import { audit, type Store, type Tx } from '#store/index.ts';
import type { ActBy } from './acts.ts';
import { lockPlans } from './lock.ts';
import type { CutoverTables } from './tables.ts';

/** @returns whether it was not held back before @throws CausewayError `conflict` in its hold, try again; or moved already */
export async function holdBack(tx: Tx, accountId: number, { actor, why }: ActBy): Promise<boolean> {
  await lockPlans(tx);
  const { rows } = await sql<{ id: number; state: string; home: string; target: string }>`
    select m.id, m.state, r.home, m.target from move m join route r on r.account_id = m.account_id
    where m.account_id = ${accountId} and m.wave_id is not null order by m.id desc limit 1`.execute(tx.db());
  const [move] = rows;
  if (move?.state === 'moved' && move.home === move.target) {
    throw new CausewayError('conflict', `the account lives at ${move.home} already`, { remedy: 'Roll it back, or leave it there.' });
  }
  const { numInsertedOrUpdatedRows } = await tx.db<CutoverTables>().insertInto('held_back').values({ account_id: accountId, by: actor, why }).onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
  if (numInsertedOrUpdatedRows === 0n) return false;
  if (move !== undefined && ['queued', 'copying', 'following', 'held'].includes(move.state)) await cancelMove(tx, move.id, { actor, why });
  await audit(tx, { actor, act: 'cutover.hold-back', subject: `account:${accountId}`, why });
  return true;
}

/** Lets an account move again: with its wave if that has not ended, else with a later plan. @returns whether it was held back */
export async function letGo(tx: Tx, accountId: number, { actor, why }: ActBy): Promise<boolean> {
  await lockPlans(tx);
  const { numDeletedRows } = await tx.db<CutoverTables>().deleteFrom('held_back').where('account_id', '=', accountId).executeTakeFirst();
  if (numDeletedRows === 0n) return false;
  await askAgain(tx, accountId);
  await audit(tx, { actor, act: 'cutover.let-go', subject: `account:${accountId}`, why });
  return true;
}

/**
 * Puts an account into another wave of the plan that is going on: earlier or later.
 * @throws CausewayError `conflict` when no such wave is open, the account is in none, or its move has begun
 */
export async function placeInWave(tx: Tx, accountId: number, number: number, { actor, why }: ActBy): Promise<void> {
  await lockPlans(tx);
  const { rows } = await sql<{ from: string; fromId: number; to: string | null; toId: number | null; isBegun: boolean }>`
    select w.name as "from", w.id as "fromId", t.name as "to", t.id as "toId",
      exists (select from move m where m.account_id = ${accountId} and m.wave_id = w.id and m.state not in ('queued', 'failed', 'cancelled')) as "isBegun"
    from wave_account wa join wave w on w.id = wa.wave_id join plan p on p.id = w.plan_id and p.state in ('running', 'paused')
    left join wave t on t.plan_id = p.id and t.number = ${number} and t.state <> 'done'
    where wa.account_id = ${accountId} order by w.number desc limit 1`.execute(tx.db());
  const [place] = rows;
  if (place === undefined) throw new CausewayError('conflict', 'the account is in no wave of a plan that is going on');
  if (place.toId === null) throw new CausewayError('conflict', `wave ${number} is done, or there is none`);
  if (place.isBegun) throw new CausewayError('conflict', 'its move has begun');
  const { rows: queued } = await sql<{ id: number }>`select id from move where account_id = ${accountId} and wave_id = ${place.fromId} and state = 'queued'`.execute(tx.db());
  for (const { id } of queued) await cancelMove(tx, id, { actor, why });
  await sql`update wave_account set wave_id = ${place.toId} where wave_id = ${place.fromId} and account_id = ${accountId}`.execute(tx.db());
  await askAgain(tx, accountId);
  await audit(tx, { actor, act: 'cutover.place', subject: `account:${accountId}`, why, detail: { from: place.from, to: place.to } });
}

/** A wave that is running is begun once more by the runner, which asks for what is not asked for yet; resuming does the same. */
async function askAgain(tx: Tx, accountId: number): Promise<void> {
  await sql`update wave set state = 'pending' where state = 'running' and id in (select wave_id from wave_account where account_id = ${accountId})
    and plan_id in (select id from plan where state = 'running')`.execute(tx.db());
}

export type HeldBack = { readonly accountId: number; readonly address: string; readonly by: string; readonly why: string; readonly at: Date };

/** The latest first. */
export async function heldBack(store: Pick<Store, 'db'>, limit = 100): Promise<HeldBack[]> {
  const { rows } = await sql<HeldBack>`
    select h.account_id as "accountId", a.address, h.by, h.why, h.at from held_back h join account a on a.id = h.account_id
    order by h.at desc, h.account_id limit ${limit}`.execute(store.db());
  return rows;
}
