/** Causeway as an operator runs it, with its portal on loopback, before the bench's Dovecot. */
import { execFile, spawn } from 'node:child_process';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROGRAM } from '../../test/installation.ts';
import { end, profiled } from '../fronts/front.ts';
import { PASSWORD } from '../mover/dovecot.ts';
import type { Webmail } from './roundcube.ts';

/** Making the database takes some seconds on a busy machine. */
const START_MS = 120_000;

/** @param profile a folder for CPU profiles of all its Node processes */
export async function startCauseway(folder: string, imapPort: number, addresses: readonly string[], profile?: string): Promise<Webmail & { readonly pid: number; readonly data: string }> {
  const loopback = { host: '127.0.0.1', port: 0 };
  const password = join(folder, 'password');
  writeFileSync(password, `${PASSWORD}\n`, { mode: 0o600 });
  const config = join(folder, 'causeway.yaml');
  const data = join(folder, 'data');
  const settings = {
    instance: 'bench',
    data,
    listen: { imaps: loopback, webmail: { ...loopback, tls: false } },
    workers: { gateway: 1, mover: 1 },
    platforms: {
      store: {
        imap: { host: '127.0.0.1', port: imapPort, tls: 'plain', trustedNetwork: true },
        lmtp: { host: '127.0.0.1', port: 1 },
        entrances: [{ kind: 'trusted', passwordFile: password }],
        sentinel: { login: 'sentinel@isp.example', passwordFile: password },
      },
    },
  };
  writeFileSync(config, JSON.stringify(settings));
  const log = join(folder, 'log');
  const serve = spawn(PROGRAM, ['serve', '-c', config], { stdio: ['ignore', 'ignore', openSync(log, 'a')], env: profiled(profile) });
  const port = await readyPort(log, () => serve.exitCode === null);
  const file = join(folder, 'accounts.csv');
  writeFileSync(file, ['address,platform', ...addresses.map((address) => `${address},store`), ''].join('\n'));
  await promisify(execFile)(PROGRAM, ['account', 'import', file, '-c', config]);
  return { name: 'causeway', url: `http://localhost:${port}/`, pid: serve.pid!, data, stop: () => end(serve) };
}

async function readyPort(log: string, alive: () => boolean): Promise<number> {
  for (const until = performance.now() + START_MS; performance.now() < until && alive(); await new Promise((done) => setTimeout(done, 50))) {
    const port = /"event":"serve\.ready".*?"webmail":(\d+)/.exec(readFileSync(log, 'utf8'))?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error(`causeway did not start:\n${readFileSync(log, 'utf8').slice(-4_000)}`);
}
