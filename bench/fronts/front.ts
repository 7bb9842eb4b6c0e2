/** A front door under test, and what all of them are given. */
import type { ChildProcess } from 'node:child_process';
import type { CertificateFiles } from '#net/certificate.ts';

export type Account = readonly [login: string, secret: string];

/** What knows the secrets instead of the front: the same answers on each port. */
export type VerifierPorts = { readonly imap: number; readonly http: number };

export type Front = {
  readonly name: 'nginx' | 'dovecot' | 'causeway';
  readonly tls: number;
  /** Undefined where no password is taken in clear. */
  readonly plain: number | undefined;
  /** Its processes, but for those that descend from these. */
  roots(): readonly number[];
  stop(): Promise<void>;
};

export type Setting = {
  /** Its own, empty. */
  readonly folder: string;
  readonly certificate: CertificateFiles;
  readonly accounts: readonly Account[];
  /** Who is asked for a secret; without it the front knows the accounts' secrets itself. */
  readonly verifier?: VerifierPorts;
  /** The port of the mail store. */
  readonly backEnd: number;
  /** Processes that take connections: as many as there are cores. */
  readonly workers: number;
};

/** The environment of a program whose Node processes write CPU profiles into a folder. */
export const profiled = (folder: string | undefined): NodeJS.ProcessEnv => ({ ...process.env, ...(folder === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` }) });

/** The port that a forked process tells. */
export function toldPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve((message as { port: number }).port));
    child.once('exit', () => reject(new Error(`${child.spawnargs.join(' ')} ended at its start`)));
  });
}

/** SIGTERM and its end; SIGKILL when that takes too long. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await gone;
  clearTimeout(timer);
}
