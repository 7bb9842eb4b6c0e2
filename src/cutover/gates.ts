/**
 * The gates of a running wave: conditions which, once passed, pause the plan.
 *
 * Invariants: a gate judges figures, never itself; too few sign-ins say nothing of a share; every gate is evaluated
 * each time, so that the operator sees all that is wrong at once.
 */
import type { GateLimits } from './plan-file.ts';

/** What the gates read, of all instances together. */
export type Readings = {
  /** Since the plan began. */
  readonly falseRejections: number;
  /** Accounts of the wave whose last move failed. */
  readonly failedMoves: number;
  /** Accounts of the wave whose verification found a difference. */
  readonly receiptMismatches: number;
  /** In the window, sentinels included. */
  readonly signIns: number;
  readonly unavailable: number;
};

export type Gate = {
  readonly name: 'false rejections' | 'failed moves' | 'receipt mismatches' | 'unavailable sign-ins';
  readonly state: 'clean' | 'passed' | 'too little data';
  /** For the operator: the figure and the limit. */
  readonly text: string;
};

export function judge(readings: Readings, limits: GateLimits): Gate[] {
  return [
    count('false rejections', readings.falseRejections, limits.falseRejections),
    count('failed moves', readings.failedMoves, limits.failedMoves),
    count('receipt mismatches', readings.receiptMismatches, limits.receiptMismatches),
    share(readings, limits),
  ];
}

function count(name: Gate['name'], value: number, limit: number): Gate {
  return { name, state: value > limit ? 'passed' : 'clean', text: `${value} (at most ${limit})` };
}

function share(readings: Readings, limits: GateLimits): Gate {
  const name = 'unavailable sign-ins';
  const window = `${limits.windowSeconds} s`;
  if (readings.signIns < limits.minimumSignIns) {
    return { name, state: 'too little data', text: `${readings.signIns} sign-ins in ${window} (needs ${limits.minimumSignIns})` };
  }
  const value = readings.unavailable / readings.signIns;
  const percent = (x: number): string => `${(x * 100).toFixed(1)} %`;
  return {
    name,
    state: value > limits.unavailable ? 'passed' : 'clean',
    text: `${percent(value)} of ${readings.signIns} in ${window} (at most ${percent(limits.unavailable)})`,
  };
}
