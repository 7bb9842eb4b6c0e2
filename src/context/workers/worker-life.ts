/** What every worker process does: it says that it lives, and ends when its parent is gone or asks it to. */
import { BEAT_MS, type Beat } from './beat.ts';

/**
 * @param stop ends the worker's work; the process ends when it has
 * @param farewell what it still does when its parent is gone; bounds itself
 */
export function liveAsWorker(stop: () => Promise<void>, farewell: () => Promise<void> = async () => {}): void {
  setInterval(() => beat({ t: 'beat' }), BEAT_MS).unref();
  let ending = false;
  process.on('SIGTERM', () => {
    if (ending) return;
    ending = true;
    stop().then(
      () => endWorker(0),
      () => endWorker(1),
    );
  });
  // The terminal's interrupt is the parent's to handle.
  process.on('SIGINT', () => {});
  // With the parent gone nobody would keep a hold's promise for us: its next life waits until we are gone too.
  const orphaned = (): void => {
    const exit = (): void => process.exit(1);
    farewell().then(exit, exit);
  };
  process.on('disconnect', orphaned);
  // Gone while we were starting, when nobody listened.
  if (!process.connected) orphaned();
}

/** Ends this process. Its compiled code is written meanwhile, which is not the silence of one that hangs. */
export function endWorker(code: number): never {
  beat({ t: 'beat', last: true });
  process.exit(code);
}

function beat(sign: Beat): void {
  if (process.connected) process.send!(sign);
}
