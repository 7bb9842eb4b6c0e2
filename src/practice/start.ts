/**
 * Starts a platform as two processes of its own: the mail service, and its authentication back end, which can be killed
 * and hung apart from it. Both exit when the process that started them does.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { CausewayError } from '#errors/index.ts';
import type { AuthProcessOptions } from './auth-process.ts';
import type { Platform, PlatformOptions, PlatformPorts } from './platform.ts';
import type { PlatformProcessOptions } from './platform-process.ts';

export type AuthControl = {
  /** Undefined while it is dead. */
  pid(): number | undefined;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGSTOP: it hangs. */
  stop(): void;
  /** SIGCONT. */
  continue(): void;
  /** Starts it again, after ending the one that runs; resolves when it answers. */
  restart(): Promise<void>;
};

export type PlatformProcess = Platform & { readonly pid: number; readonly auth: AuthControl };

/** Node with its type stripping starts in well under a second; a busy machine of two cores takes several. */
const READY_WITHIN_MS = 120_000;

type Child = { readonly process: ChildProcess; readonly pid: number; readonly ready: Record<string, unknown> };

/** @throws CausewayError `config` or `unavailable` when one of them does not come up */
export async function startPlatformProcess(options: PlatformOptions): Promise<PlatformProcess> {
  mkdirSync(options.folder, { recursive: true });
  // A unix socket's path is at most 107 bytes, so it does not lie in the folder.
  const directory = mkdtempSync(join(tmpdir(), 'practice-'));
  const authSocket = options.authSocket ?? join(directory, 'auth');
  const authOptions: AuthProcessOptions = { folder: options.folder, authSocket, exitWithParent: true };
  const startAuth = (): Promise<Child> => startChild('auth-process', authOptions, `${options.name}: authentication`);
  let auth: Child | undefined = await startAuth();

  async function killAuth(): Promise<void> {
    const child = auth;
    auth = undefined;
    if (child) await end(child);
  }

  const platformOptions: PlatformProcessOptions = { ...options, authSocket, exitWithParent: true };
  let platform: Child;
  try {
    platform = await startChild('platform-process', platformOptions, options.name);
  } catch (error) {
    await killAuth();
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
  return {
    ...(platform.ready as PlatformPorts),
    pid: platform.pid,
    auth: {
      pid: () => (auth?.process.exitCode === null && auth.process.signalCode === null ? auth.pid : undefined),
      kill: killAuth,
      stop: () => void auth?.process.kill('SIGSTOP'),
      continue: () => void auth?.process.kill('SIGCONT'),
      async restart() {
        await killAuth();
        auth = await startAuth();
      },
    },
    async close() {
      await Promise.all([end(platform), killAuth()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** SIGKILL: the mail on disk needs no goodbye, and it also ends one that is stopped. */
function end({ process: child }: Child): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

function startChild(script: string, options: object, name: string): Promise<Child> {
  // Beside this file, in the sources as in what is built of them.
  const path = join(import.meta.dirname, `${script}${extname(import.meta.filename)}`);
  // Its standard input stays open for as long as we live; see parent.ts.
  const child = spawn(process.execPath, [path, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.on('error', () => {});
  return new Promise((resolve, reject) => {
    let text = '';
    const fail = (error: CausewayError): void => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(error);
    };
    const timer = setTimeout(() => fail(new CausewayError('unavailable', `${name} did not start in time`)), READY_WITHIN_MS);
    child.once('error', (cause) => fail(new CausewayError('unavailable', `${name} cannot be started`, { cause })));
    child.once('exit', (code, signal) => fail(new CausewayError('unavailable', `${name} ended at its start (${signal ?? code})`)));
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (!text.includes('\n')) return;
      child.removeAllListeners('exit');
      const ready = JSON.parse(text.slice(0, text.indexOf('\n'))) as Record<string, unknown>;
      if (typeof ready['error'] === 'string') {
        const { place, remedy } = ready as { place?: string; remedy?: string };
        return fail(new CausewayError('config', `${name}: ${ready['error']}`, { place, remedy }));
      }
      clearTimeout(timer);
      resolve({ process: child, pid: child.pid ?? 0, ready });
    });
  });
}
