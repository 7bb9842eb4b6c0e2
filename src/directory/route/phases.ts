/**
 * The steps of a route. Invariants: each step is one compare-and-set on (account, epoch, phase), so that of two that
 * exclude each other exactly one takes effect; a hold is cut only when every listed instance is quiet, and flipped
 * only when every listed instance has cut: both are conditions of the statement itself. Times are the store's own
 * clock (`clock_timestamp()`: `now()` would be the moment when a perhaps long transaction began).
 *
 * With no instance listed nobody serves, so there is nobody to hold: each round is complete at once.
 */
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { recordChange } from '#store/index.ts';
import type { Tx } from '#store/index.ts';
import type { DirectoryTables } from '../tables.ts';
import { HOLD_MS, SILENT_MS } from './route.ts';
import type { Answer, Phase, Route, Stage } from './route.ts';

/** The change feed's topic for routes; its key is the account's id. */
export const ROUTE_TOPIC = 'route';

/** Holds backed out by one call: with more, the next call is a second away. */
const EXPIRE_AT_ONCE = 500;

const after = (ms: number): RawBuilder<Date> => sql<Date>`clock_timestamp() + ${ms} * interval '1 ms'`;

/** True in SQL when every listed instance gave `answer` in the round `stage` of the route `r`'s hold. */
const allAnswered = (stage: Stage, answer: Answer): RawBuilder<boolean> => sql<boolean>`not exists (
  select from instance i where not exists (
    select from acknowledgement a
    where a.account_id = r.account_id and a.epoch = r.epoch and a.stage = ${stage}
      and a.instance = i.id and a.answer = ${answer}))`;

const released = { stage: null, hold_deadline: null, round_deadline: null, abandoned: false };

/** The first route of a new account: settled at `home`. */
export async function createRoutes(tx: Tx, accounts: readonly { readonly id: number; readonly home: string }[]): Promise<void> {
  await sql`
    insert into route (account_id, home)
    select * from unnest(${accounts.map(({ id }) => id)}::bigint[], ${accounts.map(({ home }) => home)}::text[])
  `.execute(tx.db());
}

/** settled -> copying. @returns the route as it is now, or undefined when the account was not settled */
export async function startCopying(tx: Tx, accountId: number): Promise<Route | undefined> {
  const row = await tx
    .db<DirectoryTables>()
    .updateTable('route')
    .set({ phase: 'copying' })
    .where('account_id', '=', accountId)
    .where('phase', '=', 'settled')
    .returning(['home', 'epoch'])
    .executeTakeFirst();
  if (row === undefined) return undefined;
  await recordChange(tx, ROUTE_TOPIC, accountId);
  return { accountId, home: row.home, phase: 'copying', epoch: row.epoch, stage: null };
}

/** copying -> following. @returns whether it took effect */
export function setFollowing(tx: Tx, accountId: number, epoch: number): Promise<boolean> {
  return step(tx, accountId, epoch, ['copying'], { phase: 'following' });
}

/** copying or following -> settled, at the home that it has: the move ended without a flip. */
export function settle(tx: Tx, accountId: number, epoch: number): Promise<boolean> {
  return step(tx, accountId, epoch, ['copying', 'following'], { phase: 'settled' });
}

/**
 * following -> held, in its freeze round.
 * @param abandoned the home was given up: instances end what is busy there instead of waiting for it
 * @returns the hold's epoch, or undefined when it did not take effect
 */
export async function beginHold(tx: Tx, accountId: number, epoch: number, abandoned = false): Promise<number | undefined> {
  const begun = await step(tx, accountId, epoch, ['following'], {
    phase: 'held',
    epoch: epoch + 1,
    stage: 'freeze',
    hold_deadline: after(HOLD_MS),
    round_deadline: after(SILENT_MS),
    abandoned,
  });
  if (!begun) return undefined;
  await tx.db<DirectoryTables>().deleteFrom('acknowledgement').where('account_id', '=', accountId).execute();
  return epoch + 1;
}

/** freeze -> cut, if every listed instance is quiet and the deadline has not passed. */
export function askCut(tx: Tx, accountId: number, epoch: number): Promise<boolean> {
  return heldStep(tx, accountId, epoch, 'freeze', 'quiet', { stage: 'cut', round_deadline: after(SILENT_MS) });
}

/** held -> settled at `target`, if every listed instance has cut and the deadline has not passed. */
export function flip(tx: Tx, accountId: number, epoch: number, target: string): Promise<boolean> {
  return heldStep(tx, accountId, epoch, 'cut', 'cut', { phase: 'settled', home: target, ...released });
}

/** held -> following, at the home that it has. */
export function backOut(tx: Tx, accountId: number, epoch: number): Promise<boolean> {
  return step(tx, accountId, epoch, ['held'], { phase: 'following', ...released });
}

/**
 * Backs out the holds whose deadline passed, and those in which a listed instance is silent. For every instance to
 * call each second: who calls does not matter, and a hold that is being ended meanwhile is left alone.
 */
export async function expireHolds(tx: Tx): Promise<{ accountId: number; epoch: number }[]> {
  const { rows } = await sql<{ accountId: number; epoch: number }>`
    update route set phase = 'following', stage = null, hold_deadline = null, round_deadline = null, abandoned = false
    where account_id in (
      select r.account_id from route r
      where r.phase = 'held' and (
        r.hold_deadline < clock_timestamp()
        or r.round_deadline < clock_timestamp() and exists (
          select from instance i where not exists (
            select from acknowledgement a
            where a.account_id = r.account_id and a.epoch = r.epoch and a.stage = r.stage and a.instance = i.id)))
      limit ${EXPIRE_AT_ONCE}
      for update of r skip locked)
    returning account_id as "accountId", epoch
  `.execute(tx.db());
  for (const { accountId } of rows) await recordChange(tx, ROUTE_TOPIC, accountId);
  return rows;
}

type Change = {
  phase?: Phase;
  home?: string;
  epoch?: number;
  stage?: Stage | null;
  hold_deadline?: RawBuilder<Date> | null;
  round_deadline?: RawBuilder<Date> | null;
  abandoned?: boolean;
};

async function step(tx: Tx, accountId: number, epoch: number, from: readonly Phase[], change: Change): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .db<DirectoryTables>()
    .updateTable('route')
    .set(change)
    .where('account_id', '=', accountId)
    .where('epoch', '=', epoch)
    .where('phase', 'in', from)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) return false;
  await recordChange(tx, ROUTE_TOPIC, accountId);
  return true;
}

async function heldStep(
  tx: Tx,
  accountId: number,
  epoch: number,
  stage: Stage,
  answer: Answer,
  change: Change,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .db<DirectoryTables>()
    .updateTable('route as r')
    .set(change)
    .where('r.account_id', '=', accountId)
    .where('r.epoch', '=', epoch)
    .where('r.phase', '=', 'held')
    .where('r.stage', '=', stage)
    .where('r.hold_deadline', '>', sql<Date>`clock_timestamp()`)
    .where(allAnswered(stage, answer))
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) return false;
  await recordChange(tx, ROUTE_TOPIC, accountId);
  return true;
}
