/**
 * The middle of the story: in the second wave the old platform's authentication is killed and stays dead for a while.
 * The plan pauses by itself; the operator, played here, mends the platform and resumes when the gates are clean.
 */
import { resumePlan } from '#cutover/control.ts';
import { judge } from '#cutover/gates.ts';
import { findPlan, readings, waveProgress } from '#cutover/records.ts';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { AuthControl } from '#practice/index.ts';
import type { Store } from '#store/index.ts';
import type { Watching } from './watch.ts';

/** Long enough to be an outage: some 200 sign-ins, and every gate's window. */
const DEAD_MS = 12_000;
const LOOK_MS = 200;
/**
 * A plan that has not paused within this of a dead authentication never will. Of Causeway's unbroken life: a `serve` that
 * is killed takes the last second of its figures with it and is away for another, so that one killed every two seconds
 * counts hardly anything, and its gates rightly say "too little data".
 */
const PAUSE_MS = 30_000;

type Parts = { readonly store: Store; readonly auth: AuthControl; readonly watching: Watching; readonly clock: Clock; readonly signal: AbortSignal };

/** Resolves when the plan is done. */
export async function crashAndResume(parts: Parts): Promise<void> {
  const { auth, watching, clock, signal } = parts;
  // Whoever kills parts of Causeway has the first wave pause, too, and the operator resumes that as well.
  await until(parts, async () => {
    if ((await findPlan(parts.store)).state === 'paused') await resumed(parts);
    return (await waves(parts))[1]?.state === 'running';
  });
  watching.oldAuthentication('dead');
  await auth.kill();
  watching.doing('the old platform’s authentication has crashed');
  const killedAt = clock.now();
  await until(parts, async () => {
    if (clock.now() - wellSince(watching, killedAt) > PAUSE_MS) throw await neverPaused(parts);
    return (await findPlan(parts.store)).state === 'paused';
  });
  watching.doing('the wave has paused by itself; customers whom we know go on');
  await clock.sleep(Math.max(0, DEAD_MS - (clock.now() - killedAt)), signal);
  await auth.restart();
  watching.oldAuthentication('alive');
  watching.doing('the authentication is back; the operator waits for clean gates');
  for (;;) {
    await until(parts, () => resumed(parts));
    watching.doing('the operator has resumed the plan');
    await until(parts, async () => (await findPlan(parts.store)).state !== 'running');
    const plan = await findPlan(parts.store);
    if (plan.state === 'done') return;
    watching.doing(`paused: ${plan.reason}`);
  }
}

/** Since when Causeway and its store have been whole, ms since the epoch; in a fault: Infinity. */
function wellSince(watching: Watching, from: number): number {
  return Math.max(from, ...watching.faults().flatMap(({ what, to }) => (what === 'old authentication' ? [] : [to])));
}

async function neverPaused(parts: Parts): Promise<CausewayError> {
  const plan = await findPlan(parts.store);
  const wave = (await waves(parts)).findLast(({ state }) => state !== 'pending')!;
  const gates = judge(await readings(parts.store, plan, wave), plan.gates).map(({ name, state, text }) => `${name}: ${state}, ${text}`);
  return new CausewayError('check-failed', `the plan did not pause though the old platform’s authentication is dead: it is ${plan.state}; ${gates.join('; ')}`);
}

async function waves({ store }: Parts): ReturnType<typeof waveProgress> {
  return waveProgress(store, (await findPlan(store)).id);
}

async function resumed({ store }: Parts): Promise<boolean> {
  try {
    await resumePlan(store, 'demo operator');
    return true;
  } catch (error) {
    if (error instanceof CausewayError && error.retryable) return false;
    throw error;
  }
}

/** Looks until it is so. A store that is gone for a moment is looked at again. */
async function until({ clock, signal }: Parts, isSo: () => Promise<boolean>): Promise<void> {
  for (;;) {
    try {
      if (await isSo()) return;
    } catch (error) {
      if (!(error instanceof CausewayError) || error.code !== 'unavailable') throw error;
    }
    await clock.sleep(LOOK_MS, signal);
  }
}
