/** The result for people, and as a picture. */
import { barSheet } from '../sheet.ts';

export type Row = { readonly what: string; readonly causewayMs: number; readonly roundcubeMs: number | null };

const ratio = ({ causewayMs, roundcubeMs }: Row): string => (roundcubeMs === null ? '-' : `${(causewayMs / roundcubeMs).toFixed(2)}x`);

export function table(rows: readonly Row[]): string {
  const lines = [['', 'Causeway ms', 'Roundcube ms', 'ratio'], ...rows.map((row) => [row.what, row.causewayMs.toFixed(0), row.roundcubeMs?.toFixed(0) ?? '-', ratio(row)])];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines.map((line) => line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ')).join('\n');
}

export function picture(rows: readonly Row[], messages: number): string {
  const told = (ms: number): string => `${ms.toFixed(0)} ms`;
  return barSheet(
    rows.map(({ what, causewayMs, roundcubeMs }) => ({
      title: what,
      bars: [{ name: 'Causeway', value: causewayMs, told: told(causewayMs), isOurs: true }, ...(roundcubeMs === null ? [] : [{ name: 'Roundcube', value: roundcubeMs, told: told(roundcubeMs), isOurs: false }])],
    })),
    {
      left: 96,
      right: 120,
      label: 'Time of each act in Causeway’s webmail and in Roundcube',
      title: `A mailbox of ${messages.toLocaleString('en')} messages in a browser`,
      subtitle: 'Median, from the click to the words on the screen. From npm run bench:webmail.',
    },
  );
}
