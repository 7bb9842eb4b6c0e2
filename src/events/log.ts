import type { Clock } from './clock.ts';
import type { Level, Sink } from './index.ts';

const ORDER: Record<Level, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/**
 * One JSON object a line: `time` (ISO 8601), `level`, `event`, then the event's own fields.
 * @param write takes a whole line; the caller decides whether that is standard error or a file
 */
export function logSink(write: (line: string) => void, clock: Clock, least: Level = 'info'): Sink {
  return {
    kind: 'log',
    accept(definition, fields) {
      if (ORDER[definition.level] < ORDER[least]) return;
      const time = new Date(clock.now()).toISOString();
      write(`${JSON.stringify({ time, level: definition.level, event: definition.name, ...fields })}\n`);
    },
  };
}
