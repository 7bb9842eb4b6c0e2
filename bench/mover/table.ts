/** The result for people: a block for each case, storage and round trip, each tool's wall time also as a part of mbsync's and dsync's. */
import type { Cost } from './measure.ts';
import type { Verdict } from './judge.ts';

export type Row = { readonly tool: string; readonly case: string; readonly storage: 'tmpfs' | 'disk'; readonly rttMs: number; readonly fsyncs: number | null } & Cost & Verdict;

export function table(rows: readonly Row[]): string {
  const blocks = Map.groupBy(rows, (row) => `${row.case}, ${row.storage}, ${row.rttMs} ms`);
  const lines: string[][] = [];
  for (const [title, block] of blocks) {
    const of = (tool: string): number | undefined => block.find((row) => row.tool === tool)?.wallS;
    lines.push([title, 'wall s', 'of mbsync', 'of dsync', 'CPU s', 'target CPU s', 'fsyncs', 'RSS MiB', 'lost', 'altered', 'doubled']);
    for (const row of block) {
      const ratio = (base: number | undefined): string => (base === undefined ? '-' : `${(row.wallS / base).toFixed(2)}x`);
      lines.push([
        `  ${row.tool}`, row.wallS.toFixed(2), ratio(of('mbsync')), ratio(of('dsync')), row.cpuS.toFixed(2), row.targetCpuS.toFixed(2),
        row.fsyncs === null ? '-' : String(row.fsyncs), row.rssMiB.toFixed(0), String(row.lost), String(row.altered), String(row.doubled),
      ]);
    }
  }
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]!.length))) ?? [];
  return lines.map((line) => line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ')).join('\n');
}
