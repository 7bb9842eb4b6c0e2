/** How commands show what they found: tables for people, one JSON value for scripts. */

/** Columns padded to their widest cell; the last one is left ragged. */
export function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const all = [header, ...rows.map((row) => row.map(String))];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) => row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!))).join('  ').trimEnd())
    .join('\n');
}

/** `value` as JSON, or the text that `asText` makes of it, on standard output. */
export function print<T>(value: T, json: boolean | undefined, asText: (value: T) => string): void {
  process.stdout.write(json === true ? `${JSON.stringify(value)}\n` : `${asText(value)}\n`);
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

/** 1234567 → `1.2 MB`, in powers of 1,000. */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 1_000 && unit < UNITS.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

/** A bar of `width` cells. */
export function bar(done: number, of: number, width: number): string {
  const filled = of === 0 ? 0 : Math.round((Math.min(done, of) / of) * width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}
