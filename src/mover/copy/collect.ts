/**
 * Has garbage collected by what was read: what is not in memory that is used again (slabs.ts, and the engine's where it can:
 * `reusesMemory`). These bytes lie outside V8's heap, and V8 lets some 64 MB of them gather before it looks; those that
 * waited for a slow target count as old by then, and stay until all is collected. A process whose heap is 30 MB had 200
 * (npm run bench:mover).
 *
 * Invariant: without `--expose-gc` (lean.ts) nothing happens.
 */
import { messageSlabs, printSlabs } from './slabs.ts';

/** Bytes between two collections of what is young: one takes about a millisecond. */
const YOUNG = 8 * 1024 * 1024;
/** Every 8th, so every 64 MiB, is one of all: a heap of 30 MB takes some 20 ms. */
const ALL = 8;

/** Of this process: its memory is one. */
let since = 0;
let collected = 0;

/** @param bytes that were read into memory of their own */
export function noteRead(bytes: number): void {
  since += bytes;
  if (since < YOUNG) return;
  since = 0;
  collected += 1;
  void globalThis.gc?.({ type: collected % ALL === 0 ? 'major' : 'minor', execution: 'sync' });
}

/** Rows whose lists are some 10 MB; below it they cost less than the 20 ms. */
const MANY_ROWS = 50_000;

/**
 * Before lists of many messages are read once more: those of earlier rounds lie outside V8's heap as well, and count as old; and
 * what messages were read into is not wanted meanwhile. As in the last resort: V8 also gives back pages that are hardly used.
 */
export function collectLists(rows: number): void {
  if (rows < MANY_ROWS) return;
  messageSlabs.dropSpare();
  printSlabs.dropSpare();
  void globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
