/**
 * What may be done to a plan and a wave in which state, and why not. Pure: the page shows it, and each act asks it.
 *
 * Invariant: an end is an end: of what is done or aborted nothing can be resumed, retried or promoted; only a wave can
 * still be rolled back.
 */
import type { Gate } from './gates.ts';
import type { PlanState } from './tables.ts';

export type Possible = { readonly allowed: boolean; readonly reason: string | null };

/** Of the plan's running wave. */
export type CurrentWave = { readonly name: string; readonly accounts: number; readonly moved: number; readonly failed: number; readonly inFlight: number; readonly queued: number };

const YES: Possible = { allowed: true, reason: null };
const no = (reason: string): Possible => ({ allowed: false, reason });

const ENDED: Readonly<Partial<Record<PlanState, string>>> = { done: 'The plan is done.', aborted: 'The plan was aborted.', ready: 'The plan has not begun.' };

export type PlanPossible = Readonly<Record<'pause' | 'resume' | 'retry' | 'promote' | 'abort', Possible>>;

/** @param gates of the running wave, judged now */
export function possibleActs(state: PlanState, wave: CurrentWave | undefined, gates: readonly Gate[]): PlanPossible {
  const ended = ENDED[state];
  if (ended !== undefined) return { pause: no(ended), resume: no(ended), retry: no(ended), promote: no(ended), abort: no(ended) };
  return {
    pause: state === 'running' ? YES : no('It is paused.'),
    resume: state === 'paused' ? whileClean(gates) : no('It is running.'),
    retry: wave === undefined || wave.failed === 0 ? no('No move of the running wave has failed.') : YES,
    promote: promotable(wave, gates),
    abort: YES,
  };
}

/** Failed moves are what resuming tries again, and what promoting leaves behind: they do not stand in its way. */
function whileClean(gates: readonly Gate[], but: readonly Gate['name'][] = ['failed moves']): Possible {
  const passed = gates.filter((gate) => gate.state === 'passed' && !but.includes(gate.name));
  return passed.length === 0 ? YES : no(`Passed gates: ${passed.map((gate) => `${gate.name}, ${gate.text}`).join('; ')}.`);
}

function promotable(wave: CurrentWave | undefined, gates: readonly Gate[]): Possible {
  if (wave === undefined) return no('No wave is running.');
  const open = wave.inFlight + wave.queued;
  if (open > 0) return no(open === 1 ? '1 move of the wave is still going on.' : `${open} moves of the wave are still going on.`);
  if (wave.moved === wave.accounts) return no('All of the wave have moved: it ends by itself.');
  return whileClean(gates, ['failed moves', 'receipt mismatches']);
}

/** @param there accounts of the wave that live where it moved them, and are not on their way back */
export function possibleRollback(state: PlanState, there: number): Possible {
  if (there === 0) return no('Nobody of this wave lives at the target.');
  return state === 'running' ? no('Pause the plan first: it goes on moving accounts.') : YES;
}
