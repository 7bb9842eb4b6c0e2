/** The result for people: each figure, and behind it what it is of nginx's. */

/** A line of the `--json` result. `null`: the front does not do that. */
export type Row = {
  readonly front: string;
  readonly tlsLoginsPerCpuSecond: number;
  readonly plainLoginsPerCpuSecond: number | null;
  readonly idleTlsKiB: number;
  readonly bulkTlsMBps: number;
  readonly p50Ms: number;
};

/** What explains a row, and is in the table only. */
export type Beside = { readonly tlsLoginsPerSecond: number; readonly cpuSecondsPerGigabyte: number; readonly backEndMs: number };

export function table(rows: readonly (Row & Beside)[]): string {
  const peer = rows[0]!;
  const cells = (name: string, of: (row: Row & Beside) => number | null, digits: number): string[] => [
    name,
    ...rows.map((row) => {
      const [value, base] = [of(row), of(peer)];
      if (value === null) return '-';
      const ratio = row === peer || base === null || base === 0 ? '' : ` ${(value / base).toFixed(2)}x`;
      return `${value.toFixed(digits)}${ratio}`;
    }),
  ];
  const lines = [
    ['', ...rows.map(({ front }) => front)],
    cells('TLS logins per CPU-second', (row) => row.tlsLoginsPerCpuSecond, 0),
    cells('plain logins per CPU-second', (row) => row.plainLoginsPerCpuSecond, 0),
    cells('idle TLS connection, KiB', (row) => row.idleTlsKiB, 1),
    cells('bulk over TLS, MB/s', (row) => row.bulkTlsMBps, 0),
    cells('login latency p50, ms', (row) => row.p50Ms, 2),
    cells('(TLS logins per second)', (row) => row.tlsLoginsPerSecond, 0),
    cells('(CPU-seconds per GB of bulk)', (row) => row.cpuSecondsPerGigabyte, 2),
    cells('(mail store: CPU ms per login)', (row) => row.backEndMs, 2),
  ];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines.map((line) => line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ')).join('\n');
}
