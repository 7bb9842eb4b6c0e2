/**
 * A process that the demo keeps alive: started again whenever it ends, until told to stop.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';

export type KeptProcess = {
  pid(): number | undefined;
  /** How often it had to be started again. */
  restarts(): number;
  /** Asks it to end and waits; kills it after 15 s. */
  stop(): Promise<void>;
};

/** At once, but not in a tight loop. */
const RESTART_MS = 200;
const STOP_MS = 15_000;

export function keepAlive([program, ...args]: readonly [string, ...string[]], env: NodeJS.ProcessEnv, logFile: string): KeptProcess {
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  log.on('error', () => {});
  let child: ChildProcess | undefined;
  let restarts = 0;
  let stopping = false;
  const start = (): void => {
    child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout!.pipe(log, { end: false });
    child.stderr!.pipe(log, { end: false });
    child.once('exit', () => {
      child = undefined;
      if (stopping) return;
      restarts += 1;
      setTimeout(() => stopping || start(), RESTART_MS);
    });
  };
  start();
  return {
    pid: () => child?.pid,
    restarts: () => restarts,
    async stop() {
      stopping = true;
      const running = child;
      if (running === undefined) return;
      const gone = new Promise((resolve) => running.once('exit', resolve));
      running.kill('SIGTERM');
      const timer = setTimeout(() => running.kill('SIGKILL'), STOP_MS);
      await gone;
      clearTimeout(timer);
    },
  };
}
