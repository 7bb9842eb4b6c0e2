/**
 * Carries a running plan on: starts its next wave, judges its gates, ends it.
 *
 * Invariants: one step is one transaction under a lock that all instances share, so that any number of them may run
 * this. A step that fails changes nothing and is taken again. A passed gate pauses in the same step that read it.
 */
import { sql } from 'kysely';
import { messageOf } from '#errors/index.ts';
import { defineEvent } from '#events/index.ts';
import type { Store, Tx } from '#store/index.ts';
import { planDone, planPaused, planResumed, waveDone, waveStarted } from './events.ts';
import { judge } from './gates.ts';
import { findPlan, type Plan, readings, toRequest, waveProgress, type WaveProgress } from './records.ts';
import type { CutoverTables } from './tables.ts';
import { transition } from './control.ts';

export type RequestMove = (tx: Tx, move: { accountId: number; source: string; target: string; waveId: number }) => Promise<unknown>;

const stepFailed = defineEvent<{ error: string }>('cutover.step-failed', 'warn');

/** "plan" in ASCII: an advisory lock that no other program takes. */
const LOCK = 0x706c616e;
/** Gates judge windows of seconds, so a step twice a second is soon enough and costs a few small queries. */
const STEP_MS = 500;

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
  const running = await store.db<CutoverTables>().selectFrom('plan').select('name').where('state', '=', 'running').executeTakeFirst();
  if (running === undefined) return;
  const plan = await findPlan(store, running.name);
  const waves = await waveProgress(store, plan.id);
  const current = waves.find((wave) => wave.state !== 'done');
  if (current === undefined) return end(store, plan);
  if (current.state === 'pending') return start(store, plan, current, requestMove);
  const passed = judge(await readings(store, plan, current), plan.gates).filter((gate) => gate.state === 'passed');
  if (passed.length > 0) return pause(store, plan, passed.map((gate) => `${gate.name}: ${gate.text}`).join('; '));
  if (current.moved === current.accounts) await finish(store, plan, current);
}

async function locked(store: Store, work: (tx: Tx) => Promise<void>): Promise<void> {
  await store.transaction(async (tx) => {
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(tx.db());
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
  });
  if (!begun) return;
  if (wave.moved > 0 || wave.failed > 0 || wave.inFlight > 0) store.emit(planResumed, { plan: plan.name });
  else store.emit(waveStarted, { plan: plan.name, wave: wave.name, accounts: wave.accounts });
}

async function pause(store: Store, plan: Plan, reason: string): Promise<void> {
  await locked(store, async (tx) => {
    if (await transition(tx, plan.id, 'running', 'paused', reason)) store.emit(planPaused, { plan: plan.name, reason });
  });
}

async function finish(store: Store, plan: Plan, wave: WaveProgress): Promise<void> {
  await locked(store, async (tx) => {
    if (await setWave(tx, wave, 'running', 'done')) store.emit(waveDone, { plan: plan.name, wave: wave.name });
  });
}

async function end(store: Store, plan: Plan): Promise<void> {
  await locked(store, async (tx) => {
    if (await transition(tx, plan.id, 'running', 'done', null)) store.emit(planDone, { plan: plan.name });
  });
}
