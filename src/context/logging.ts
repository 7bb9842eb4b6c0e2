import { systemClock } from '#events/clock.ts';
import { createEmit, type Emit } from '#events/index.ts';
import { logSink } from '#events/log.ts';

/** Characters of lines that wait for the end of their turn; a turn that says more is written in parts. */
const WAITING_LIMIT = 64 * 1024;

/**
 * Events as JSON lines on standard error, where systemd and the demo collect them. A broken pipe is nobody's outage.
 * Lines of one turn go out in one write at its end, since each write costs as much as making the line.
 */
export function logToStandardError(): Emit {
  process.stderr.on('error', () => {});
  let lines = '';
  const flush = (): void => {
    if (lines === '') return;
    const text = lines;
    lines = '';
    process.stderr.write(text);
  };
  process.on('exit', flush);
  const write = (line: string): void => {
    if (lines === '') setImmediate(flush);
    lines += line;
    if (lines.length >= WAITING_LIMIT) flush();
  };
  return createEmit([logSink(write, systemClock)]);
}
