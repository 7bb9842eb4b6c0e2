/**
 * A small disk: a tmpfs in a mount namespace of its own, so that no mount outlives the test. A process keeps the
 * namespace, other commands are run within it.
 *
 * As an ordinary user the namespace is a user namespace's too, in which we seem to be root; each command then gets one
 * more, in which it is the user again: PostgreSQL refuses root, and Causeway would hand it to a user who is not there.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Wrap } from './installation.ts';

const root = process.getuid?.() === 0;
const NAMESPACE = root ? ['unshare', '--mount'] : ['unshare', '--map-root-user', '--mount'];

/** Why no small disk can be had here; undefined when one can. */
export function whyNoSmallDisk(): string | undefined {
  const [program, ...args] = NAMESPACE;
  const tried = spawnSync(program!, [...args, 'mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', '/mnt'], { encoding: 'utf8' });
  if (tried.status === 0) return undefined;
  return `${NAMESPACE.join(' ')} mount: ${(tried.error?.message ?? tried.stderr).trim()}`;
}

export type SmallDisk = {
  /** Runs a command where the disk is. */
  readonly wrap: Wrap;
  /** The folder as this process sees it. */
  readonly seenFromHere: string;
  /** Takes all the room that is left, but for some bytes. */
  fill(leaving?: number): void;
  /** Gives back what `fill` took. */
  free(): void;
  close(): Promise<void>;
};

/** @param folder where the disk is mounted; made if need be */
export async function smallDisk(folder: string, kilobytes: number): Promise<SmallDisk> {
  mkdirSync(folder, { recursive: true });
  const [program, ...args] = NAMESPACE;
  // It ends with its standard input, which ends with us.
  const script = 'mount -t tmpfs -o "size=$2k,mode=711" tmpfs "$1" && echo mounted && exec cat >&2';
  const keeper = spawn(program!, [...args, 'sh', '-c', script, 'sh', folder, String(kilobytes)], { stdio: ['pipe', 'pipe', 'inherit'] });
  await mounted(keeper);
  const seenFromHere = `/proc/${keeper.pid}/root${folder}`;
  const filler = join(seenFromHere, 'filler');
  const enter = ['nsenter', '--target', String(keeper.pid), '--mount', ...(root ? [] : ['--user', '--preserve-credentials'])];
  const again = root ? [] : ['unshare', '--user', `--map-user=${process.getuid?.()}`, `--map-group=${process.getgid?.()}`];
  return {
    wrap: (command) => [...enter, '--', ...again, ...command],
    seenFromHere,
    fill(leaving = 0) {
      const file = openSync(filler, 'a', 0o600);
      try {
        for (const block of [Buffer.alloc(1024 * 1024), Buffer.alloc(4_096)]) {
          try {
            for (;;) writeSync(file, block);
          } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
          }
        }
        ftruncateSync(file, fstatSync(file).size - leaving);
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(filler, { force: true }),
    async close() {
      const gone = new Promise((done) => keeper.once('exit', done));
      keeper.stdin.end();
      await gone;
    },
  };
}

function mounted(keeper: ChildProcess): Promise<void> {
  return new Promise((done, failed) => {
    keeper.stdout!.once('data', () => done());
    keeper.once('exit', (code) => failed(new Error(`no small disk could be mounted (${code})`)));
  });
}
