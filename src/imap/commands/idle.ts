import type { Engine } from '../engine/engine.ts';
import type { Untagged } from '../engine/in-flight.ts';

/**
 * IDLE (RFC 2177) until `signal` says so; other commands wait for its end. Servers end sessions that idle for 30 minutes:
 * end it and idle again before that.
 */
export async function idle(engine: Engine, onData: (response: Untagged) => void, signal: AbortSignal): Promise<void> {
  const ended = new Promise<string>((resolve) => {
    if (signal.aborted) resolve('DONE');
    signal.addEventListener('abort', () => resolve('DONE'), { once: true });
  });
  await engine.command({
    name: 'IDLE',
    parts: ['IDLE', { reply: () => ended }],
    wants: () => true,
    onData,
  });
}
