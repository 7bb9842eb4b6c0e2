/**
 * Memory that a virtual machine leaves free goes back to its host after some seconds (free page reporting), and to have
 * it again costs several times what it costs to fill it: of a run that wrote 353 MB, half a second of CPU, in one run
 * and not in the next. So all tools find the same: memory that was touched a moment ago.
 */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';

/** What a run takes at most: the mail, twice where it lies in a page cache, and the tool. */
const BYTES = 600 * 2 ** 20;

/** Fills a file in memory, and removes it. */
export function touchMemory(file: string): void {
  const zeros = Buffer.alloc(2 ** 20);
  const fd = openSync(file, 'w');
  try {
    for (let left = BYTES; left > 0; left -= zeros.length) writeSync(fd, zeros);
  } finally {
    closeSync(fd);
    rmSync(file);
  }
}
