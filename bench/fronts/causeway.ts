/**
 * Causeway as an operator runs it: `serve` with its workers, sign-in, framer and PostgreSQL. All of its processes are
 * counted, those too that a login never meets. Accounts are ours, with a hash; after the warm-up they are known good.
 * Where a verifier knows the secrets, it is the platform's, and the accounts have no hash.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { encrypt } from 'unixcrypt';
import { PROGRAM } from '../../test/installation.ts';
import { type Account, end, type Front, profiled, type Setting } from './front.ts';

/** Making the database takes some seconds on a busy machine. */
const START_MS = 120_000;

/** @param profile a folder for CPU profiles of all its Node processes */
export async function startCauseway({ folder, certificate, accounts, verifier, backEnd, workers }: Setting, profile?: string): Promise<Front> {
  const data = join(folder, 'data');
  const config = join(folder, 'causeway.yaml');
  const loopback = { host: '127.0.0.1', port: 0 };
  // Its secret is not asked: the mail store lets everybody in, as a trusted entrance does.
  const password = join(folder, 'entrance.secret');
  writeFileSync(password, 'entrance\n', { mode: 0o600 });
  const [sentinel, sentinelSecret] = accounts[0]!;
  const sentinelPassword = join(folder, 'sentinel.secret');
  writeFileSync(sentinelPassword, `${sentinelSecret}\n`, { mode: 0o600 });
  const asked = verifier && {
    verifier: { kind: 'http', url: `http://127.0.0.1:${verifier.http}/`, trustedNetwork: true },
    sentinel: { login: sentinel, passwordFile: sentinelPassword },
  };
  // JSON is YAML.
  const settings = {
    instance: 'bench',
    data,
    listen: { imaps: loopback },
    tls: certificate,
    workers: { gateway: workers, mover: 1 },
    platforms: {
      store: {
        imap: { host: '127.0.0.1', port: backEnd, tls: 'plain', trustedNetwork: true },
        lmtp: { host: '127.0.0.1', port: 1 },
        entrances: verifier === undefined ? [{ kind: 'replay' }] : [{ kind: 'trusted', passwordFile: password }],
        ...asked,
      },
    },
  };
  writeFileSync(config, JSON.stringify(settings));
  const log = join(folder, 'log');
  const serve = spawn(PROGRAM, ['serve', '-c', config], { stdio: ['ignore', 'ignore', openSync(log, 'a')], env: profiled(profile) });
  const tls = await readyPort(log, () => serve.exitCode === null);
  const file = join(folder, 'accounts.csv');
  // A cheap hash: each is checked once, in the warm-up.
  const row = ([login, secret]: Account): string =>
    verifier === undefined ? `${login},store,{SHA512-CRYPT}${encrypt(secret, '$6$rounds=1000$benchbench')},ours` : `${login},store,,store`;
  writeFileSync(file, ['address,platform,hash,authority', ...accounts.map(row), ''].join('\n'));
  await promisify(execFile)(PROGRAM, ['account', 'import', file, '-c', config]);
  return {
    name: 'causeway',
    tls,
    plain: undefined,
    roots: () => [serve.pid!, ...postmasters(data)],
    stop: () => end(serve),
  };
}

async function readyPort(log: string, alive: () => boolean): Promise<number> {
  for (const until = performance.now() + START_MS; performance.now() < until && alive(); ) {
    const port = /"event":"serve\.ready".*?"imaps":(\d+)/.exec(readFileSync(log, 'utf8'))?.[1];
    if (port !== undefined) return Number(port);
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`causeway did not start:\n${readFileSync(log, 'utf8').slice(-4_000)}`);
}

/** The database outlives `serve` and so is no child of it. */
function postmasters(data: string): number[] {
  return readdirSync(data, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('postmaster.pid') && existsSync(join(data, name)))
    .map((name) => Number.parseInt(readFileSync(join(data, name), 'utf8'), 10));
}
