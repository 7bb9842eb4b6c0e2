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
  /** How far behind the furthest former home of a moved account is. */
  readonly followLagSeconds: number;
  /** In the window, sentinels included. */
  readonly signIns: number;
  readonly unavailable: number;
  /** Calls that the desk is asked for, as a share of what its shift can carry; undefined: nobody measures it now. */
  readonly deskLoad: number | undefined;
};

export type Gate = {
  readonly name: 'false rejections' | 'failed moves' | 'receipt mismatches' | 'reverse-follow lag' | 'unavailable sign-ins' | 'desk load';
  readonly state: 'clean' | 'passed' | 'too little data';
  /** For the operator: the figure and the limit. */
  readonly text: string;
  /** Accounts, seconds or a share; undefined where there is too little data. */
  readonly value: number | undefined;
  readonly limit: number;
};

export function judge(readings: Readings, limits: GateLimits): Gate[] {
  return [
    count('false rejections', readings.falseRejections, limits.falseRejections),
    count('failed moves', readings.failedMoves, limits.failedMoves),
    count('receipt mismatches', readings.receiptMismatches, limits.receiptMismatches),
    lag(readings, limits),
    share(readings, limits),
    ...(limits.deskLoad === undefined ? [] : [desk(readings.deskLoad, limits.deskLoad)]),
  ];
}

function count(name: Gate['name'], value: number, limit: number): Gate {
  return { name, state: value > limit ? 'passed' : 'clean', text: `${value} (at most ${limit})`, value, limit };
}

function lag({ followLagSeconds: seconds }: Readings, { followLagSeconds: limit }: GateLimits): Gate {
  return { name: 'reverse-follow lag', state: seconds > limit ? 'passed' : 'clean', text: `${Math.round(seconds)} s (at most ${limit} s)`, value: seconds, limit };
}

function share(readings: Readings, limits: GateLimits): Gate {
  const name = 'unavailable sign-ins';
  const window = `${limits.windowSeconds} s`;
  if (readings.signIns < limits.minimumSignIns) {
    return { name, state: 'too little data', text: `${readings.signIns} sign-ins in ${window} (needs ${limits.minimumSignIns})`, value: undefined, limit: limits.unavailable };
  }
  const value = readings.unavailable / readings.signIns;
  return {
    name,
    state: value > limits.unavailable ? 'passed' : 'clean',
    text: `${percent(value)} of ${readings.signIns} in ${window} (at most ${percent(limits.unavailable)})`,
    value,
    limit: limits.unavailable,
  };
}

function desk(value: number | undefined, limit: number): Gate {
  const name = 'desk load';
  if (value === undefined) return { name, state: 'too little data', text: 'nobody measures it now', value, limit };
  return { name, state: value > limit ? 'passed' : 'clean', text: `${percent(value)} of what the shift can carry (at most ${percent(limit)})`, value, limit };
}

const percent = (x: number): string => `${(x * 100).toFixed(1)} %`;
