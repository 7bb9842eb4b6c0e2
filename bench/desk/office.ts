/** Causeway as an operator runs it, with its gateway and its office on loopback. */
import { spawn } from 'node:child_process';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CertificateFiles } from '#net/certificate.ts';
import { PROGRAM } from '../../test/installation.ts';
import { end } from '../fronts/front.ts';
import { family } from '../fronts/processes.ts';

/** Making the database takes some seconds on a busy machine. */
const START_MS = 120_000;

export type Office = {
  readonly config: string;
  /** `http://localhost:PORT`. */
  readonly url: string;
  readonly imaps: number;
  /** Kills the office's process, which is one of ours, as a crash would; `serve` starts another. @returns its pid */
  killOffice(): number;
  stop(): Promise<void>;
};

export async function startOffice(folder: string, certificate: CertificateFiles, backEnds: { readonly old: number; readonly new: number }): Promise<Office> {
  const loopback = { host: '127.0.0.1', port: 0 };
  const config = join(folder, 'causeway.yaml');
  // JSON is YAML.
  writeFileSync(
    config,
    JSON.stringify({
      instance: 'bench',
      data: join(folder, 'data'),
      listen: { imaps: loopback, office: { ...loopback, tls: false } },
      tls: certificate,
      workers: { gateway: 1, mover: 1 },
      platforms: {
        old: { imap: { host: '127.0.0.1', port: backEnds.old, tls: 'plain', trustedNetwork: true }, lmtp: { host: '127.0.0.1', port: 1 }, entrances: [{ kind: 'replay' }] },
        new: { imap: { host: '127.0.0.1', port: backEnds.new, tls: 'plain', trustedNetwork: true }, lmtp: { host: '127.0.0.1', port: 2 }, entrances: [{ kind: 'replay' }] },
      },
    }),
  );
  const log = join(folder, 'log');
  const serve = spawn(PROGRAM, ['serve', '-c', config], { stdio: ['ignore', 'ignore', openSync(log, 'a')] });
  const { imaps, office } = await ready(log, () => serve.exitCode === null);
  return {
    config,
    url: `http://localhost:${office}`,
    imaps,
    killOffice() {
      const pid = family([serve.pid!]).find((each) => readFileSync(`/proc/${each}/cmdline`, 'latin1').includes('office-worker'));
      if (pid === undefined) throw new Error('there is no process of the office');
      process.kill(pid, 'SIGKILL');
      return pid;
    },
    stop: () => end(serve),
  };
}

async function ready(log: string, alive: () => boolean): Promise<{ imaps: number; office: number }> {
  for (const until = performance.now() + START_MS; performance.now() < until && alive(); await new Promise((done) => setTimeout(done, 50))) {
    const line = readFileSync(log, 'utf8').split('\n').find((each) => each.includes('"event":"serve.ready"'));
    if (line !== undefined) return JSON.parse(line) as { imaps: number; office: number };
  }
  throw new Error(`causeway did not start:\n${readFileSync(log, 'utf8').slice(-4_000)}`);
}
