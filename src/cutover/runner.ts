/**
 * Carries a running plan on: starts its next wave, judges its gates, ends it.
 *
 * Invariants: one step is one transaction under a lock that all instances share, so that any number of them may run
 * this. A step that fails changes nothing and is taken again. A passed gate pauses in the same step that read it.
 */
import { sql } from 'kysely';
import { CausewayError, messageOf } from '#errors/index.ts';
import { defineEvent } from '#events/index.ts';
import { cancelMove } from '#mover/index.ts';
import { audit, type Store, type Tx } from '#store/index.ts';
import { planDone, planPaused, planResumed, waveDone, waveStarted } from './events.ts';
import { judge, type Readings } from './gates.ts';
import { lockPlans } from './lock.ts';
import { findPlan, type Plan, readings, toRequest, waveProgress, type WaveProgress } from './records.ts';
import type { CutoverTables } from './tables.ts';
import { transition } from './control.ts';

export type RequestMove = (tx: Tx, move: { accountId: number; source: string; target: string; waveId: number }) => Promise<unknown>;

const stepFailed = defineEvent<{ error: string }>('cutover.step-failed', 'warn');

/** Gates judge windows of seconds, so a step twice a second is soon enough and costs a few small queries. */
const STEP_MS = 500;
/** What gates read is kept so often, to be looked at: a day of a running wave is 17,280 rows. */
const SAMPLE_SECONDS = 5;
const SAMPLES_KEPT = '30 days';
/** Moves of an aborted plan that are called off in one step. */
const LOT = 200;

export type Runner = { stop(): Promise<void> };

export function startRunner(store: Store, requestMove: RequestMove): Runner {
  const stopping = new AbortController();
  const done = (async () => {
    while (!stopping.signal.aborted) {
      await step(store, requestMove).catch((error: unknown) => store.emit(stepFailed, { error: messageOf(error) }));
      await store.clock.sleep(STEP_MS, stopping.signal).catch(() => {});
    }
  })();
  return {
    stop() {
      stopping.abort();
      return done;
    },
  };
}

/** Takes the one next step of the running plan, if there is one. */
export async function step(store: Store, requestMove: RequestMove): Promise<void> {
  await clearAborted(store);
  const running = await store.db<CutoverTables>().selectFrom('plan').select('name').where('state', '=', 'running').executeTakeFirst();
  if (running === undefined) return;
  const plan = await findPlan(store, running.name);
  const waves = await waveProgress(store, plan.id);
  const current = waves.find((wave) => wave.state !== 'done');
  if (current === undefined) return end(store, plan);
  if (current.state === 'pending') return start(store, plan, current, requestMove);
  const read = await readings(store, plan, current);
  await sample(store, plan, current, read);
  const passed = judge(read, plan.gates).filter((gate) => gate.state === 'passed');
  if (passed.length > 0) return pause(store, plan, passed.map((gate) => `${gate.name}: ${gate.text}`).join('; '));
  if (current.moved === current.accounts) await finish(store, plan, current);
}

async function locked(store: Store, work: (tx: Tx) => Promise<void>): Promise<void> {
  await store.transaction(async (tx) => {
    await lockPlans(tx);
    await work(tx);
  });
}

async function setWave(tx: Tx, wave: WaveProgress, from: 'pending' | 'running', to: 'running' | 'done'): Promise<boolean> {
  const result = await tx
    .db<CutoverTables>()
    .updateTable('wave')
    .set({ state: to, ...(to === 'done' ? { ended_at: sql<Date>`now()` } : { started_at: sql<Date>`coalesce(started_at, now())` }) })
    .where('id', '=', wave.id)
    .where('state', '=', from)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

async function start(store: Store, plan: Plan, wave: WaveProgress, requestMove: RequestMove): Promise<void> {
  let begun = false;
  await locked(store, async (tx) => {
    begun = await setWave(tx, wave, 'pending', 'running');
    if (!begun) return;
    for (const accountId of await toRequest(tx, wave.id)) {
      await requestMove(tx, { accountId, source: plan.source, target: plan.target, waveId: wave.id });
    }
    if (!isBegun(wave)) await note(tx, plan, 'cutover.wave-started', { wave: wave.name, accounts: wave.accounts });
  });
  if (!begun) return;
  if (isBegun(wave)) store.emit(planResumed, { plan: plan.name });
  else store.emit(waveStarted, { plan: plan.name, wave: wave.name, accounts: wave.accounts });
}

const isBegun = (wave: WaveProgress): boolean => wave.startedAt !== null;

/** What the runner did by itself, for the timeline. */
async function note(tx: Tx, plan: Plan, act: string, detail: Record<string, unknown>, why?: string): Promise<void> {
  await audit(tx, { actor: 'runner', act, subject: plan.name, detail, ...(why === undefined ? {} : { why }) });
}

async function sample(store: Store, plan: Plan, wave: WaveProgress, read: Readings): Promise<void> {
  const { numAffectedRows } = await sql`
    insert into gate_sample (plan_id, wave_id, readings) select ${plan.id}, ${wave.id}, ${JSON.stringify(read)}::jsonb
    where not exists (select from gate_sample where plan_id = ${plan.id} and at > now() - make_interval(secs => ${SAMPLE_SECONDS}))
    on conflict do nothing`.execute(store.db());
  if (numAffectedRows === 1n) await sql`delete from gate_sample where plan_id = ${plan.id} and at < now() - ${SAMPLES_KEPT}::interval`.execute(store.db());
}

/** Of an aborted plan: what waits or copies is called off; a hold ends by itself, and is looked at in a later step. */
async function clearAborted(store: Store): Promise<void> {
  const { rows } = await sql<{ id: number; plan: string }>`
    select m.id, p.name as plan from move m join wave w on w.id = m.wave_id join plan p on p.id = w.plan_id
    where m.state in ('queued', 'copying', 'following') and p.state = 'aborted' limit ${LOT}`.execute(store.db());
  if (rows.length === 0) return;
  await locked(store, async (tx) => {
    for (const { id, plan } of rows) {
      await cancelMove(tx, id, { actor: `plan:${plan}`, why: 'the plan was aborted' }).catch((error: unknown) => {
        // Ended, or in its hold, since it was listed.
        if (!(error instanceof CausewayError) || error.code !== 'conflict') throw error;
      });
    }
  });
}

async function pause(store: Store, plan: Plan, reason: string): Promise<void> {
  await locked(store, async (tx) => {
    if (!(await transition(tx, plan.id, 'running', 'paused', reason))) return;
    await note(tx, plan, 'cutover.gate-passed', {}, reason);
    store.emit(planPaused, { plan: plan.name, reason });
  });
}

async function finish(store: Store, plan: Plan, wave: WaveProgress): Promise<void> {
  await locked(store, async (tx) => {
    if (!(await setWave(tx, wave, 'running', 'done'))) return;
    await note(tx, plan, 'cutover.wave-done', { wave: wave.name, accounts: wave.accounts });
    store.emit(waveDone, { plan: plan.name, wave: wave.name });
  });
}

async function end(store: Store, plan: Plan): Promise<void> {
  await locked(store, async (tx) => {
    if (!(await transition(tx, plan.id, 'running', 'done', null))) return;
    await note(tx, plan, 'cutover.done', {});
    store.emit(planDone, { plan: plan.name });
  });
}
