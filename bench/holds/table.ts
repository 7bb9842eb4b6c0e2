/** The result for people. */
import type { Findings } from '#rehearsal/judge.ts';
import { measure, quantile } from './measure.ts';
import type { Run } from './run.ts';

/** Times in ms. */
export type Row = {
  readonly condstore: boolean;
  readonly holds: number;
  /** From the first acknowledgement to the first waiting sign-in answered by the new home. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** The longest sign-in of each hold. */
  readonly waitP50: number;
  readonly waitP99: number;
  readonly waitMax: number;
  /** Holds that nobody's sign-in met. */
  readonly unseen: number;
  /** Holds that ended otherwise, by reason. */
  readonly backOuts: Readonly<Record<string, number>>;
  /** What the mover says of its time, and of the mailboxes that had changed: medians. */
  readonly parts: Readonly<Record<string, number>>;
} & Pick<Findings, 'missing' | 'altered' | 'doubled' | 'undecided' | 'falseRejections' | 'wronglyUnavailable' | 'commandsCompleted'>;

export function rowOf(condstore: boolean, { holds, knocks, findings }: Run): Row {
  const { toAnswer, longest, unseen } = measure(holds, knocks);
  const flipped = holds.filter(({ outcome }) => outcome === 'flipped');
  const names = [...new Set(flipped.flatMap(({ told }) => Object.keys(told).filter((name) => ['behind', 'again'].includes(name) || /ms$/i.test(name))))];
  const { missing, altered, doubled, undecided, falseRejections, wronglyUnavailable, commandsCompleted } = findings;
  return {
    condstore,
    holds: flipped.length,
    p50: quantile(toAnswer, 0.5),
    p99: quantile(toAnswer, 0.99),
    max: quantile(toAnswer, 1),
    waitP50: quantile(longest, 0.5),
    waitP99: quantile(longest, 0.99),
    waitMax: quantile(longest, 1),
    unseen,
    backOuts: Object.fromEntries([...Map.groupBy(holds, ({ outcome }) => outcome)].filter(([outcome]) => outcome !== 'flipped').map(([outcome, all]) => [outcome, all.length])),
    parts: Object.fromEntries(names.map((name) => [name, quantile(flipped.map(({ told }) => Number(told[name] ?? 0)), 0.5)])),
    missing, altered, doubled, undecided, falseRejections, wronglyUnavailable, commandsCompleted,
  };
}

const SLOWEST = 5;

/** What the mover says of the longest holds: where their time went. */
export function slowest(holds: Run['holds']): readonly Readonly<Record<string, unknown>>[] {
  return holds.filter(({ outcome }) => outcome === 'flipped').map(({ told }) => told).toSorted((a, b) => Number(b['ms']) - Number(a['ms'])).slice(0, SLOWEST);
}

export function table(rows: readonly Row[]): string {
  const lines = [['', 'holds', 'p50 ms', 'p99 ms', 'max ms', 'sign-in p50', 'p99', 'max', 'back-outs', 'commands', 'missing', 'altered', 'doubled']];
  for (const row of rows) {
    const backOuts = Object.entries(row.backOuts).map(([why, count]) => `${count} ${why}`).join(', ');
    lines.push([
      row.condstore ? 'CONDSTORE' : 'without', String(row.holds),
      ...[row.p50, row.p99, row.max, row.waitP50, row.waitP99, row.waitMax].map((ms) => ms.toFixed(0)),
      backOuts === '' ? '0' : backOuts, String(row.commandsCompleted), String(row.missing), String(row.altered), String(row.doubled),
    ]);
  }
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines.map((line) => line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ')).join('\n');
}
