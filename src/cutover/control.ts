/**
 * What an operator does with a plan: run, pause, resume. Each is allowed in certain states only.
 *
 * Invariants: every act is audited in the transaction that changes the plan. A plan is resumed only with clean gates.
 */
import { CausewayError } from '#errors/index.ts';
import { audit, isUniqueViolation, type Store, type Tx } from '#store/index.ts';
import { chooseWaves, type Candidate, type ChosenWave } from './choose.ts';
import { judge } from './gates.ts';
import type { PlanFile } from './plan-file.ts';
import { findPlan, readings, waveProgress } from './records.ts';
import type { CutoverTables } from './tables.ts';

/** The accounts whose home is the plan's source. Rooms below hold them; the context passes the query in. */
export type Candidates = (platform: string) => Promise<Candidate[]>;

/** The waves that a plan would make now. Changes nothing. */
export async function previewPlan(file: PlanFile, candidates: Candidates, place: string): Promise<ChosenWave[]> {
  return chooseWaves(file.waves, await candidates(file.from), place);
}

/** Reads a plan in and starts it; those held back get their place in a wave, and are not moved. @throws CausewayError `conflict` while another runs or the name is taken */
export async function runPlan(store: Store, file: PlanFile, candidates: Candidates, place: string, actor: string): Promise<void> {
  const waves = await previewPlan(file, candidates, place);
  try {
    await store.transaction(async (tx) => {
      const { id } = await tx
        .db<CutoverTables>()
        .insertInto('plan')
        .values({
          name: file.plan,
          source: file.from,
          target: file.to,
          state: 'running',
          gates: file.gates,
          started_at: new Date(store.clock.now()),
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      for (const [index, wave] of waves.entries()) await insertWave(tx, id, index + 1, wave);
      await audit(tx, { actor, act: 'cutover.run', subject: file.plan, detail: { waves: waves.map((wave) => wave.accounts.length) } });
    });
  } catch (cause) {
    if (!isUniqueViolation(cause)) throw cause;
    throw new CausewayError('conflict', `a plan named "${file.plan}" exists already, or another plan is running`, {
      place,
      remedy: 'See: causeway cutover status. Give the new plan another name, or wait until the other one is done.',
    });
  }
}

async function insertWave(tx: Tx, planId: number, number: number, wave: ChosenWave): Promise<void> {
  const { id } = await tx
    .db<CutoverTables>()
    .insertInto('wave')
    .values({ plan_id: planId, number, name: wave.name, state: 'pending' })
    .returning('id')
    .executeTakeFirstOrThrow();
  // 5,000 rows of 2 parameters stay well below PostgreSQL's 65,535 parameters a statement.
  for (let at = 0; at < wave.accounts.length; at += 5_000) {
    const rows = wave.accounts.slice(at, at + 5_000).map((account) => ({ wave_id: id, account_id: account.id }));
    await tx.db<CutoverTables>().insertInto('wave_account').values(rows).execute();
  }
}

/** Stops the plan from beginning anything; moves in their hold end it. */
export async function pausePlan(store: Store, actor: string, reason: string, name?: string): Promise<void> {
  const plan = await findPlan(store, name);
  await store.transaction(async (tx) => {
    if (!(await transition(tx, plan.id, 'running', 'paused', reason))) {
      throw new CausewayError('conflict', `plan "${plan.name}" is ${plan.state}, and only a running plan can be paused`);
    }
    await audit(tx, { actor, act: 'cutover.pause', subject: plan.name, why: reason });
  });
}

/** Goes on, asking failed moves again. @throws CausewayError `conflict` while a gate is passed, naming it */
export async function resumePlan(store: Store, actor: string, name?: string, why?: string): Promise<void> {
  const plan = await findPlan(store, name);
  const wave = (await waveProgress(store, plan.id)).find((each) => each.state === 'running');
  if (wave !== undefined) {
    // Failed moves are what resuming tries again: they do not stand in its way.
    const gates = judge({ ...(await readings(store, plan, wave)), failedMoves: 0 }, plan.gates);
    const passed = gates.filter((gate) => gate.state === 'passed');
    if (passed.length > 0) {
      throw new CausewayError('conflict', `not resumed: ${passed.map((gate) => `${gate.name}: ${gate.text}`).join('; ')}`, {
        retryable: true,
        remedy: 'Wait until the gates are clean; see: causeway cutover status',
      });
    }
  }
  await store.transaction(async (tx) => {
    if (!(await transition(tx, plan.id, 'paused', 'running', null))) {
      throw new CausewayError('conflict', `plan "${plan.name}" is ${plan.state}, and only a paused plan can be resumed`);
    }
    if (wave !== undefined) {
      await tx.db<CutoverTables>().updateTable('wave').set({ state: 'pending' }).where('id', '=', wave.id).execute();
    }
    await audit(tx, { actor, act: 'cutover.resume', subject: plan.name, ...(why === undefined ? {} : { why }) });
  });
}

/** @returns whether the plan was in `from` */
export async function transition(tx: Tx, planId: number, from: 'running' | 'paused', to: 'running' | 'paused' | 'done', reason: string | null): Promise<boolean> {
  const result = await tx
    .db<CutoverTables>()
    .updateTable('plan')
    .set({ state: to, reason, ...(to === 'done' ? { ended_at: new Date() } : {}) })
    .where('id', '=', planId)
    .where('state', '=', from)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}
