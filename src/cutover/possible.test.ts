import { expect, test } from 'vitest';
import type { Gate } from './gates.ts';
import { possibleActs, possibleRollback, type CurrentWave } from './possible.ts';
import type { PlanState } from './tables.ts';

const wave = (more: Partial<CurrentWave> = {}): CurrentWave => ({ name: 'one', accounts: 10, moved: 4, failed: 0, inFlight: 2, queued: 4, ...more });
const passed = (name: Gate['name']): Gate => ({ name, state: 'passed', text: 'too many', value: 1, limit: 0 });
const allowed = (state: PlanState, of: CurrentWave | undefined, gates: readonly Gate[] = []): string[] =>
  Object.entries(possibleActs(state, of, gates)).filter(([, possible]) => possible.allowed).map(([act]) => act);

test('each act in its states', () => {
  expect(allowed('running', wave())).toEqual(['pause', 'abort']);
  expect(allowed('paused', wave())).toEqual(['resume', 'abort']);
  expect(allowed('running', wave({ failed: 1 }))).toEqual(['pause', 'retry', 'abort']);
  expect(allowed('paused', wave({ moved: 9, failed: 1, inFlight: 0, queued: 0 }))).toEqual(['resume', 'retry', 'promote', 'abort']);
  expect(allowed('running', undefined)).toEqual(['pause', 'abort']);
});

test('an end is an end', () => {
  for (const state of ['done', 'aborted', 'ready'] as const) expect(allowed(state, wave({ failed: 3, inFlight: 0, queued: 0 }))).toEqual([]);
});

test('a passed gate keeps a plan from going on, and says which; failed moves do not', () => {
  const stuck = wave({ moved: 9, failed: 1, inFlight: 0, queued: 0 });
  expect(allowed('paused', stuck, [passed('false rejections')])).toEqual(['retry', 'abort']);
  expect(possibleActs('paused', stuck, [passed('false rejections')]).resume.reason).toBe('Passed gates: false rejections, too many.');
  expect(allowed('paused', stuck, [passed('failed moves')])).toContain('resume');
  expect(allowed('paused', stuck, [passed('receipt mismatches')])).toEqual(['retry', 'promote', 'abort']);
});

test('nobody goes past moves that are going on, or past a wave that ends by itself', () => {
  expect(possibleActs('running', wave(), []).promote.reason).toBe('6 moves of the wave are still going on.');
  expect(possibleActs('running', wave({ inFlight: 1, queued: 0 }), []).promote.reason).toBe('1 move of the wave is still going on.');
  expect(possibleActs('running', wave({ moved: 10, inFlight: 0, queued: 0 }), []).promote.allowed).toBe(false);
});

test('a wave goes back when somebody of it is there, and the plan does not go on meanwhile', () => {
  expect(possibleRollback('running', 5)).toMatchObject({ allowed: false, reason: 'Pause the plan first: it goes on moving accounts.' });
  for (const state of ['paused', 'done', 'aborted'] as const) expect(possibleRollback(state, 5).allowed).toBe(true);
  expect(possibleRollback('paused', 0).allowed).toBe(false);
});
