/**
 * The worker processes of an instance.
 *
 * Invariants: a worker that ends is started again, after a pause that grows while it keeps dying young. Who lives is
 * written down before it is relied upon, so that the next start can end what this one leaves behind. A worker that is
 * stopped (it neither works nor dies) is killed: only a process that is gone writes no more.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { extname, join } from 'node:path';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { defineEvent, type Emit } from '#events/index.ts';
import { LEAN } from '#mover/index.ts';
import { identify, type ProcessId } from '../processes.ts';
import { BEAT_MS, type Beat } from './beat.ts';

export type Role = 'gateway' | 'mover' | 'webmail' | 'office';
export type Child = { readonly role: Role; readonly process: ChildProcess; readonly id: ProcessId };

/** Where one worker is at a time. */
export type Place = {
  /** Undefined between the end of one and the start of the next. */
  current(): Child | undefined;
  /**
   * Starts another process beside the present one, with `args` of its own. Once `ready` has resolved it has the place,
   * and the former is not started again when it ends; when it rejects, the new one is gone and the former stays.
   * @returns the former
   * @throws what `ready` does, and when the new process ends before
   */
  replace(args: readonly string[], ready: (next: Child) => Promise<void>): Promise<Child | undefined>;
};

export type Children = {
  start(role: Role, script: string, args: readonly string[], onChild: (child: Child) => void, onGone: (child: Child) => void): Place;
  list(): readonly Child[];
  /** Asks all to end, waits at most 10 s, then kills. */
  stop(): Promise<void>;
};

/** Beside this file, in the sources as in what is built of them (bin/build.ts). */
export const workerScript = (role: Role): string => join(import.meta.dirname, `${role}-worker${extname(import.meta.filename)}`);

/** Of the movers' processes. What `serve` itself was started with they have, too. */
const lean = [...process.execArgv, ...LEAN.execArgv];

const workerEnded = defineEvent<{ role: string; pid: number; code: number | null; signal: string | null }>('serve.worker-ended', 'warn', ['log', 'count'], ['role']);
const workerSilent = defineEvent<{ role: string; pid: number; ms: number }>('serve.worker-killed-for-silence', 'error', ['log', 'count'], ['role']);

const FIRST_PAUSE_MS = 100;
/** A worker that dies at once over and over must not keep a core busy. */
const LAST_PAUSE_MS = 5_000;
/** Older than this and a death is news, not a habit. */
const YOUNG_MS = 10_000;
const STOP_MS = 10_000;
/** Half of a mover's take-over time, at which its own fence stops it too; no healthy worker is silent for 5 s. */
const SILENT_MS = 5_000;
/**
 * Until its first sign of life and after its last: a process starts in half a second, on a machine that is starting up
 * altogether in ten; and one that ends writes its compiled code first, for which it took a second or, on a busy machine, six.
 */
const EDGE_MS = 30_000;

/**
 * @param compiled a folder of ours for compiled code: a process that finds its modules there needs no compiler for their
 * types, which takes 15 MB of each. Whoever started us may name another, `NODE_COMPILE_CACHE`
 */
export function createChildren(options: { clock: Clock; emit: Emit; onChange: () => void; compiled: string }): Children {
  const env = { NODE_COMPILE_CACHE: options.compiled, ...process.env };
  const { clock, emit, onChange } = options;
  const living = new Set<Child & { heardAt: number; beats: boolean }>();
  const stopping = new AbortController();

  const watch = async (): Promise<void> => {
    let lookedAt = clock.monotonic();
    while (!stopping.signal.aborted) {
      await clock.sleep(BEAT_MS, stopping.signal).catch(() => {});
      const now = clock.monotonic();
      // If we ourselves were stopped, nobody could be heard.
      if (now - lookedAt > 2 * BEAT_MS) for (const child of living) child.heardAt = now;
      lookedAt = now;
      for (const child of living) {
        const silentMs = now - child.heardAt;
        if (silentMs < (child.beats ? SILENT_MS : EDGE_MS) || stopping.signal.aborted) continue;
        emit(workerSilent, { role: child.role, pid: child.id.pid, ms: Math.round(silentMs) });
        child.process.kill('SIGKILL');
      }
    }
  };
  void watch();

  return {
    start(role, script, args, onChild, onGone) {
      let pause = FIRST_PAUSE_MS;
      let current: Child | undefined;
      const launch = (own: readonly string[]): { child: Child | undefined; exited: Promise<void> } => {
        const bornAt = clock.monotonic();
        const process = fork(script, [...own], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'json', ...(role === 'mover' ? { execArgv: lean, env: { ...env, ...LEAN.env } } : { env }) });
        const id = process.pid === undefined ? undefined : identify(process.pid);
        const child = id === undefined ? undefined : { role, process, id, heardAt: bornAt, beats: false };
        const exited = Promise.withResolvers<void>();
        if (child !== undefined) {
          living.add(child);
          onChange();
          process.on('message', (message) => {
            if ((message as Beat).t !== 'beat') return;
            child.heardAt = clock.monotonic();
            child.beats = (message as Beat).last !== true;
          });
        }
        // Sending to a worker that is just ending fails here and is told by its exit.
        process.on('error', () => {});
        process.once('exit', (code, signal) => {
          if (child !== undefined) {
            living.delete(child);
            onChange();
            onGone(child);
          }
          exited.resolve();
          if (stopping.signal.aborted) return;
          const expected = code === 0 && child !== current;
          if (!expected) emit(workerEnded, { role, pid: process.pid ?? 0, code, signal });
          if (child !== undefined && child !== current) return;
          current = undefined;
          pause = clock.monotonic() - bornAt < YOUNG_MS ? Math.min(pause * 2, LAST_PAUSE_MS) : FIRST_PAUSE_MS;
          clock.sleep(pause, stopping.signal).then(() => current === undefined && start(), () => {});
        });
        if (child !== undefined) onChild(child);
        return { child, exited: exited.promise };
      };
      const start = (): void => void (current = launch(args).child);
      start();
      return {
        current: () => current,
        async replace(own, ready) {
          const { child: next, exited } = launch(own);
          if (next === undefined) throw new CausewayError('unavailable', `a ${role} worker cannot be started`);
          const ended = exited.then(() => Promise.reject(new CausewayError('unavailable', `the new ${role} worker ended at its start`)));
          try {
            await Promise.race([ready(next), ended]);
          } catch (error) {
            next.process.kill('SIGKILL');
            // Until it is gone it may hold ports that the former is to open again.
            await exited;
            throw error;
          } finally {
            ended.catch(() => {});
          }
          const former = current;
          current = next;
          return former;
        },
      };
    },
    list: () => [...living],
    async stop() {
      stopping.abort();
      const gone = [...living].map((child) => new Promise<void>((resolve) => child.process.once('exit', () => resolve())));
      for (const child of living) child.process.kill('SIGTERM');
      const timer = new AbortController();
      await Promise.race([Promise.all(gone), clock.sleep(STOP_MS, timer.signal).catch(() => {})]);
      timer.abort();
      for (const child of living) child.process.kill('SIGKILL');
      await Promise.all(gone);
    },
  };
}
