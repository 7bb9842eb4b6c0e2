/**
 * The `uidlist` file of a mailbox: `V<uidvalidity> N<uidnext when written>` in its first line, then
 * `<uid> <base name of the file>` a line, only ever appended to, UIDs rising.
 *
 * Invariants: a UID is on disk before its message is in `cur`, so an answered UID survives SIGKILL (not a power loss:
 * nothing here is synced). A line without its line end was being written when the process died: it is cut off and its
 * UID given again. Lines whose file is gone (expunged) stay until the next compaction, at load, when they are the most.
 */
import { appendFileSync, existsSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Uidlist = {
  readonly uidValidity: number;
  uidNext(): number;
  /** Gives the base name the next UID. */
  add(base: string): number;
  /** Gives the base names, in order, the next UIDs: one write. Returns the first. */
  addAll(bases: readonly string[]): number;
  /** The directory was renamed. */
  relocate(directory: string): void;
};

export type LoadedUidlist = { readonly list: Uidlist; readonly entries: ReadonlyMap<string, number> };

const NAME = 'uidlist';

export function createUidlist(directory: string, uidValidity: number): void {
  writeFileSync(join(directory, NAME), `V${uidValidity} N1\n`);
}

/**
 * Reads the file. One that is missing or has no valid header starts anew under a fresh UIDVALIDITY.
 * @param alive whether a message with this base name exists
 */
export function loadUidlist(directory: string, alive: (base: string) => boolean, freshUidValidity: () => number): LoadedUidlist {
  const file = join(directory, NAME);
  let text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const whole = text.lastIndexOf('\n') + 1;
  if (whole !== text.length) {
    truncateSync(file, Buffer.byteLength(text.slice(0, whole)));
    text = text.slice(0, whole);
  }
  const header = /^V(\d+) N(\d+)\n/.exec(text);
  if (!header) {
    createUidlist(directory, freshUidValidity());
    return loadUidlist(directory, alive, freshUidValidity);
  }
  const uidValidity = Number(header[1]);
  let next = Number(header[2]);
  let dead = 0;
  const entries = new Map<string, number>();
  for (const line of text.slice(header[0].length).split('\n')) {
    const space = line.indexOf(' ');
    if (space <= 0) continue;
    const uid = Number(line.slice(0, space));
    if (!Number.isSafeInteger(uid) || uid < 1) continue;
    next = Math.max(next, uid + 1);
    const base = line.slice(space + 1);
    if (alive(base)) entries.set(base, uid);
    else dead += 1;
  }
  // 1,000: below it a rewrite saves nothing that anyone could notice.
  if (dead > 1_000 && dead > entries.size) {
    const lines = [...entries].map(([base, uid]) => `${uid} ${base}\n`);
    text = `V${uidValidity} N${next}\n${lines.join('')}`;
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  }
  return { list: writer(file, uidValidity, next, Buffer.byteLength(text)), entries };
}

function writer(path: string, uidValidity: number, firstNext: number, firstSize: number): Uidlist {
  let file = path;
  let next = firstNext;
  let size = firstSize;
  function addAll(bases: readonly string[]): number {
    const first = next;
    const lines = bases.map((base, index) => `${first + index} ${base}\n`).join('');
    try {
      appendFileSync(file, lines);
    } catch (error) {
      // A full disk may have taken half a line, which the next append would complete to nonsense.
      truncateSync(file, size);
      throw error;
    }
    size += Buffer.byteLength(lines);
    next += bases.length;
    return first;
  }
  return { uidValidity, uidNext: () => next, add: (base) => addAll([base]), addAll, relocate: (directory) => void (file = join(directory, NAME)) };
}
