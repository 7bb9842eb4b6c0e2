/** A small file of lines, kept in memory and replaced whole (tmp, rename), as `subscriptions` and `specialuse` are. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

export type LineFile = { readonly lines: ReadonlySet<string>; add(line: string): void; remove(line: string): void };

export function openLineFile(file: string): LineFile {
  const lines = new Set(existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter((line) => line !== '') : []);
  const write = (): void => {
    writeFileSync(`${file}.new`, [...lines].map((line) => `${line}\n`).join(''));
    renameSync(`${file}.new`, file);
  };
  return {
    lines,
    add(line) {
      if (lines.has(line)) return;
      lines.add(line);
      write();
    },
    remove(line) {
      if (lines.delete(line)) write();
    },
  };
}
