/**
 * Preloaded into a process (`NODE_OPTIONS=--import=...`): its wall clock is off by the ms that a file says, looked up
 * again and again, so that it steps while the process runs. The monotonic clock does not step.
 */
import { readFileSync } from 'node:fs';

const file = process.env['CAUSEWAY_TEST_CLOCK']!;
const Real = Date;
let offset = 0;

setInterval(() => {
  offset = Number(readFileSync(file, 'utf8'));
}, 20).unref();

globalThis.Date = class extends Real {
  constructor(...given: unknown[]) {
    if (given.length === 0) super(Real.now() + offset);
    else super(...(given as [number]));
  }

  static override now(): number {
    return Real.now() + offset;
  }
} as DateConstructor;
