/**
 * What an operator does with a plan that has trouble: retry, promote, abort, and roll a wave back.
 *
 * Invariants: each is allowed in the states that `possible.ts` says, judged under the lock that the runner takes, too, and
 * audited in the transaction that changes the plan.
 */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { requestMove, requestRollback } from '#mover/index.ts';
import { audit, type Store, type Tx } from '#store/index.ts';
import { type Gate, judge } from './gates.ts';
import { lockPlans } from './lock.ts';
import { type Possible, possibleActs, type PlanPossible, possibleRollback } from './possible.ts';
import { findPlan, movedBy, type Plan, readings, toRequest, waveProgress, type WaveProgress } from './records.ts';
import type { CutoverTables } from './tables.ts';

export type ActBy = { readonly actor: string; readonly why: string };

/** Moves or rollbacks asked for in one transaction: a long wave does not hold its locks for long. */
const LOT = 200;

export type PlanStanding = { readonly plan: Plan; readonly waves: readonly WaveProgress[]; readonly wave: WaveProgress | undefined; readonly gates: readonly Gate[]; readonly acts: PlanPossible };

/** How a plan stands, with what may be done to it. @param name the newest one without it @throws CausewayError `not-found` */
export async function standingOf(store: Store, name?: string): Promise<PlanStanding> {
  const plan = await findPlan(store, name);
  const waves = await waveProgress(store, plan.id);
  const wave = waves.find((each) => each.state === 'running');
  const gates = wave === undefined ? [] : judge(await readings(store, plan, wave), plan.gates);
  return { plan, waves, wave, gates, acts: possibleActs(plan.state, wave, gates) };
}

function mustBe(possible: Possible, act: string, plan: Plan): void {
  if (!possible.allowed) throw new CausewayError('conflict', `${act}: not now. ${possible.reason}`, { place: plan.name });
}

/** Under the lock the plan and its waves are read again; the gates were read a moment before. */
async function change<R>(store: Store, name: string | undefined, act: keyof PlanPossible, work: (tx: Tx, plan: Plan, wave: WaveProgress | undefined) => Promise<R>): Promise<R> {
  const { plan: { name: found }, gates } = await standingOf(store, name);
  return store.transaction(async (tx) => {
    await lockPlans(tx);
    const plan = await findPlan(tx, found);
    const wave = (await waveProgress(tx, plan.id)).find((each) => each.state === 'running');
    mustBe(possibleActs(plan.state, wave, gates)[act], act, plan);
    return work(tx, plan, wave);
  });
}

/** Asks the failed moves of the running wave again; a paused plan stays paused. @returns how many */
export function retryPlan(store: Store, { actor, why }: ActBy, name?: string): Promise<number> {
  return change(store, name, 'retry', async (tx, plan, wave) => {
    const ids = await toRequest(tx, wave!.id);
    for (const accountId of ids) await requestMove(tx, { accountId, source: plan.source, target: plan.target, waveId: wave!.id, actor });
    await audit(tx, { actor, act: 'cutover.retry', subject: plan.name, why, detail: { wave: wave!.name, accounts: ids.length } });
    return ids.length;
  });
}

/** Ends the running wave although not all of it have moved, and goes on. @returns how many stay behind */
export function promotePlan(store: Store, { actor, why }: ActBy, name?: string): Promise<number> {
  return change(store, name, 'promote', async (tx, plan, wave) => {
    const behind = wave!.accounts - wave!.moved;
    await tx.db<CutoverTables>().updateTable('wave').set({ state: 'done', ended_at: sql<Date>`now()`, left_behind: behind }).where('id', '=', wave!.id).execute();
    await tx.db<CutoverTables>().updateTable('plan').set({ state: 'running', reason: null }).where('id', '=', plan.id).execute();
    await audit(tx, { actor, act: 'cutover.promote', subject: plan.name, why, detail: { wave: wave!.name, leftBehind: behind } });
    return behind;
  });
}

/** Ends the plan for good. Who has moved stays there; moves that are not in their hold are called off by the runner. */
export function abortPlan(store: Store, { actor, why }: ActBy, name?: string): Promise<void> {
  return change(store, name, 'abort', async (tx, plan) => {
    await tx.db<CutoverTables>().updateTable('plan').set({ state: 'aborted', reason: why, ended_at: sql<Date>`now()` }).where('id', '=', plan.id).execute();
    await audit(tx, { actor, act: 'cutover.abort', subject: plan.name, why });
  });
}

/**
 * Carries all accounts of a wave back that live where it moved them. Some hundred in a transaction: what was asked for stands
 * when it is interrupted, and asked again it goes on with the rest.
 * @param homeIsDead the target cannot be read (mover/back/rollback.ts) @returns how many are on their way
 */
export async function rollBackWave(store: Store, { actor, why, homeIsDead = false }: ActBy & { readonly homeIsDead?: boolean }, number: number, name?: string): Promise<number> {
  const plan = await findPlan(store, name);
  const wave = (await waveProgress(store, plan.id)).find((each) => each.number === number);
  if (wave === undefined) throw new CausewayError('not-found', `the plan ${plan.name} has no wave ${number}`);
  const ids = await movedBy(store, plan, wave.name);
  mustBe(possibleRollback(plan.state, ids.length), 'roll back', plan);
  for (let at = 0; at < ids.length; at += LOT) {
    await store.transaction(async (tx) => {
      if (at === 0) await audit(tx, { actor, act: 'cutover.roll-back', subject: plan.name, why, detail: { wave: wave.name, accounts: ids.length, homeIsDead } });
      for (const accountId of ids.slice(at, at + LOT)) await requestRollback(tx, { accountId, actor, why, homeIsDead });
    });
  }
  return ids.length;
}
