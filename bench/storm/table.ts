/** The result for people, and for programs. */
import { type Result, WINDOW_S } from './result.ts';
import { CAPACITY } from './start-verifier.ts';

/** The clients' own lateness that is no part of what is measured: a twentieth of the p95 that is asked for. */
const LATE_MS = 100;

/** The share of full handshakes from which they are worth a word. */
const NOT_RESUMED = 0.02;

/** A row of the `--json` result. `p95Ms`: null when nobody got in. */
export type Row = {
  readonly front: string;
  readonly offered: number;
  readonly goodputLast15s: number;
  readonly p95Ms: number | null;
  readonly falseRejections: number;
};

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

export function jsonRow({ front, offered, goodput, p95, falseRejections }: Result): Row {
  return { front, offered: round(offered, 2), goodputLast15s: round(goodput, 2), p95Ms: p95 === undefined ? null : round(p95, 1), falseRejections };
}

export const isLate = ({ late }: Result): boolean => late > LATE_MS;

export function table(results: readonly Result[]): string {
  const head = ['front', 'offered', 'logins/s', 'p95 ms', 'of it after secret', 'false rejections', 'refused after secret/s', 'before/s', 'time-outs/s', 'waiting', 'checks/s', 'CPU front', 'clients', 'idle', 'late ms'];
  const lines = [
    head,
    ...results.map((row) => [
      row.front,
      `${round(row.offered, 1)}x`,
      row.goodput.toFixed(1),
      row.p95 === undefined ? '-' : row.p95.toFixed(0),
      row.p95AfterSecret === undefined ? '-' : row.p95AfterSecret.toFixed(0),
      String(row.falseRejections),
      row.refusalsAfterSecret.toFixed(0),
      row.refusalsBefore.toFixed(0),
      row.timeOuts.toFixed(0),
      String(row.waiting),
      row.checks.toFixed(0),
      row.cores.front.toFixed(2),
      row.cores.clients.toFixed(2),
      row.cores.idle.toFixed(2),
      `${row.late.toFixed(0)}${isLate(row) ? ' !' : ''}`,
    ]),
  ];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const text = lines.map((line) => line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '));
  const notes = [`Capacity of the verifier: ${CAPACITY} checks/s. All but false rejections: over the last ${WINDOW_S} s. CPU in cores.`];
  const words = results.map(({ front, offered, words: said }) => ({ front, offered, most: Object.entries(said).toSorted(([, a], [, b]) => b - a)[0] }));
  for (const { front, offered, most } of words) if (most !== undefined) notes.push(`${front} at ${round(offered, 1)}x said most often: ${most[0]} (${most[1]} times)`);
  for (const { front, offered, notResumed } of results) {
    if (notResumed > NOT_RESUMED) notes.push(`${front} at ${round(offered, 1)}x did not take the ticket of ${(notResumed * 100).toFixed(0)} % of the connections: these cost it and the clients a full handshake.`);
  }
  if (results.some(isLate)) notes.push(`!: the clients themselves were late (99th percentile): the machine was too busy for them, and the row shows that too.`);
  return [...text, '', ...notes].join('\n');
}
