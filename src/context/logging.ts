import { systemClock } from '#events/clock.ts';
import { createEmit, type Emit } from '#events/index.ts';
import { logSink } from '#events/log.ts';

/** Events as JSON lines on standard error, where systemd and the demo collect them. A broken pipe is nobody's outage. */
export function logToStandardError(): Emit {
  process.stderr.on('error', () => {});
  return createEmit([logSink((line) => process.stderr.write(line), systemClock)]);
}
