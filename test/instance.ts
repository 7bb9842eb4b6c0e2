/**
 * One instance of Causeway for a scenario with faults: its lives one after the other on one configuration, and all its
 * processes as the run file names them.
 *
 * Invariant: only processes that its own `serve` started are signalled, known by pid and start time.
 */
import { readRunFile, type RunFile } from '../src/context/data-folder.ts';
import { isAlive, type ProcessId } from '../src/context/processes.ts';
import { type Ended, type Logged, type Running, serve, sleep, type Wrap } from './installation.ts';

/** A start takes a second or two; a busy machine, and a store out of reach, add theirs. */
const START_MS = 120_000;

export type Instance = {
  readonly name: string;
  readonly config: string;
  /** The data folder, as this process sees it. */
  readonly data: string;
  /** Resolves when it serves. */
  start(): Promise<void>;
  /** As it last served. */
  ports(): RunFile['ports'];
  /** `serve` first when it is stopped and last when it goes on, so that it never finds its own workers silent. */
  signal(signal: 'SIGSTOP' | 'SIGCONT', whom: 'serve' | 'all'): void;
  /** SIGKILL of all its processes; resolves when they are gone. */
  kill(): Promise<void>;
  /** SIGTERM, as systemd stops it. */
  stop(): Promise<Ended>;
  /** What all its lives logged. */
  events(name?: string): Logged[];
  /** The end of the present life's log. */
  lastWords(): string;
};

export function createInstance(name: string, config: string, data: string, wrap: Wrap): Instance {
  const lives: Running[] = [];
  let ports: RunFile['ports'] = {};
  const living = (whom: 'serve' | 'all'): ProcessId[] => {
    const run = readRunFile(data);
    return run === undefined ? [] : [run.serve, ...(whom === 'all' ? run.children : [])].filter(isAlive);
  };
  return {
    name,
    config,
    data,
    async start() {
      const life = serve(config, wrap);
      lives.push(life);
      await life.event('serve.ready', START_MS);
      ports = readRunFile(data)!.ports;
    },
    ports: () => ports,
    signal(signal, whom) {
      const processes = living(whom);
      for (const { pid } of signal === 'SIGSTOP' ? processes : processes.toReversed()) process.kill(pid, signal);
    },
    async kill() {
      const processes = living('all');
      for (const { pid } of processes) process.kill(pid, 'SIGKILL');
      await lives.at(-1)?.ended;
      while (processes.some(isAlive)) await sleep(10);
    },
    stop: () => lives.at(-1)!.stop(),
    events: (event) => lives.flatMap((life) => life.events(event)),
    lastWords: () => JSON.stringify(lives.at(-1)?.events().slice(-15), undefined, 1),
  };
}
