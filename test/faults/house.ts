/**
 * An installation for some faults: a source and a target, the source's own authentication server, a store that can be
 * cut off, hung and killed, one instance or two.
 */
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { systemClock } from '#events/clock.ts';
import { silent } from '#events/index.ts';
import { type Embedded, startEmbedded } from '#store/embedded/start.ts';
import { testBinaries } from '#store/testing.ts';
import { addUsers, type PlatformProcess, startPlatformProcess } from '../../src/practice/index.ts';
import { causeway, sleep, type Wrap } from '../installation.ts';
import { createInstance, type Instance } from '../instance.ts';
import { platformPorts } from '../ports.ts';
import { openRelay, type Relay } from '../relay.ts';
import { smallDisk, type SmallDisk } from '../small-disk.ts';
import { accountsFor, healer, HEALERS, RIGHT } from './accounts.ts';
import { knock, PROTOCOLS } from './doors.ts';
import { startVerifier, type Verifier } from './verifier.ts';

export type House = {
  /** Also called by what was pushed onto `later`. */
  close(): Promise<void>;
  readonly instances: readonly Instance[];
  readonly relays: readonly Relay[];
  readonly verifier: Verifier;
  /** Of the first instance's data; undefined unless asked for. */
  readonly disk: SmallDisk | undefined;
  killStore(): void;
  killPlatform(name: 'old' | 'new'): Promise<void>;
  /** On the ports that it had. */
  restartPlatform(name: 'old' | 'new'): Promise<void>;
  /** Steps the instances' wall clocks. */
  stepClock(ms: number): Promise<void>;
  /** Waits until what the first instance knows now is on its disk. */
  written(): Promise<void>;
  /** Waits until the source's authentication is believed again. */
  healed(fault: string): Promise<void>;
};

const SENTINEL = { user: 'sentinel@isp.example', secret: 'still-here' };
const DISK_KILOBYTES = 32 * 1024;

export async function startHouse(
  faults: readonly string[],
  hash: string,
  options: { instances?: number; workers?: number; disk?: boolean },
  later: (() => Promise<unknown> | unknown)[],
): Promise<House> {
  const cleanUps: (() => Promise<unknown> | unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const each of cleanUps.splice(0).toReversed()) await each();
  };
  later.push(close);
  const folder = await mkdtemp(join(tmpdir(), 'causeway-faults-'));
  await chmod(folder, 0o711);
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, content: string | Buffer): string => {
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  file('token', 'let-me-in');
  file('sentinel', SENTINEL.secret);
  const key = file('key', Buffer.alloc(32, 7));
  const clock = file('clock', '0');
  const accounts = accountsFor(faults, hash);
  const verifier = await startVerifier(new Map([...accounts.map(({ login }) => [login, RIGHT] as const), [SENTINEL.user, SENTINEL.secret]]));
  cleanUps.push(() => verifier.close());

  const platforms = new Map<string, PlatformProcess>();
  const startPlatform = async (name: 'old' | 'new'): Promise<void> => {
    const at = join(folder, name);
    const uidValidityBase = name === 'old' ? 0 : 200_000_000;
    const { pid: _, auth: __, close: ___, ...had } = platforms.get(name) ?? {};
    const ports = platforms.has(name) ? had : await platformPorts();
    if (!platforms.has(name)) addUsers(at, [...accounts.map(({ login }) => ({ user: login, secret: RIGHT })), SENTINEL], { uidValidityBase });
    platforms.set(name, await startPlatformProcess({ name, folder: at, uidValidityBase, trustedTokenFile: join(folder, 'token'), ...ports }));
  };
  await Promise.all([startPlatform('old'), startPlatform('new')]);
  cleanUps.push(() => Promise.all([...platforms.values()].map((platform) => platform.close())));

  const store: Embedded = await startEmbedded({ dataDir: join(folder, 'store'), binariesDir: testBinaries(), clock: systemClock, emit: silent });
  cleanUps.push(() => store.stop());
  const { host, user, database } = store.connection;
  const preload = `--import=${join(import.meta.dirname, 'clock.ts')}`;
  const env: Wrap = (command) => ['env', `CAUSEWAY_KNOWN_GOOD_KEY_FILE=${key}`, `CAUSEWAY_TEST_CLOCK=${clock}`, `NODE_OPTIONS=${preload}`, ...command];
  const instances: Instance[] = [];
  const relays: Relay[] = [];
  let disk: SmallDisk | undefined;
  for (let i = 0; i < (options.instances ?? 1); i += 1) {
    const relay = await openRelay({ path: join(host, '.s.PGSQL.5432') });
    cleanUps.push(() => relay.close());
    relays.push(relay);
    const data = join(folder, `data-${i}`);
    if (options.disk === true) {
      disk = await smallDisk(data, DISK_KILOBYTES);
      cleanUps.push(() => disk!.close());
    }
    const settings = {
      instance: `instance-${i}`,
      data,
      database: { url: `postgres://${user}@127.0.0.1:${relay.port}/${database}` },
      listen: Object.fromEntries(['imaps', 'pop3s', 'submissions', 'sieve'].map((entry) => [entry, { host: '127.0.0.1', port: 0 }])),
      workers: { gateway: options.workers ?? 1, mover: 1 },
      platforms: { old: platformConfig(platforms.get('old')!, { kind: 'http', url: verifier.url, trustedNetwork: true }), new: platformConfig(platforms.get('new')!, { kind: 'imap' }) },
    };
    const config = file(`instance-${i}.yaml`, stringify(settings));
    const wrap: Wrap = disk === undefined ? env : (command) => disk!.wrap(env(command));
    const instance = createInstance(`instance-${i}`, config, disk?.seenFromHere ?? data, wrap);
    instances.push(instance);
    cleanUps.push(() => instance.kill());
    await instance.start();
    if (i > 0) continue;
    const rows = accounts.map(({ login, home, authority, hash: encoded, state }) => `${login},${home},"${encoded}",${authority},${state}`);
    const imported = await causeway(['account', 'import', file('accounts.csv', `address,platform,hash,authority,state\n${rows.join('\n')}\n`), '-c', config], wrap);
    if (imported.status !== 0) throw new Error(imported.stderr);
  }
  // Two maildrops have room for one session each: one protocol after the other.
  for (const { ports } of instances) {
    for (const protocol of PROTOCOLS) {
      for (const login of ['known@isp.example', 'moved@isp.example']) {
        const told = await knock(protocol, ports, { login, secret: RIGHT });
        if (told !== 'in') throw new Error(`${login} by ${protocol}: ${JSON.stringify(told)}`);
      }
    }
  }

  return {
    close,
    instances,
    relays,
    verifier,
    disk,
    killStore: () => process.kill(store.pid, 'SIGKILL'),
    killPlatform: (name) => platforms.get(name)!.close(),
    restartPlatform: startPlatform,
    async stepClock(ms) {
      file('clock', String(ms));
      await sleep(200);
    },
    async written() {
      const since = Date.now();
      while ((statSync(join(instances[0]!.data, 'known-good.journal'), { throwIfNoEntry: false })?.mtimeMs ?? 0) < since) {
        // Something that is new makes it be written.
        await knock('sieve', instances[0]!.ports, healer('written', 0));
        await sleep(500);
      }
    },
    async healed(fault) {
      verifier.set('well');
      for (const until = performance.now() + 120_000; ; ) {
        const told = await Promise.all(Array.from({ length: HEALERS }, (_, n) => knock('imap', instances[0]!.ports, healer(fault, n))));
        if (told.includes('in')) return;
        if (performance.now() > until) throw new Error(`not healed after ${fault}: ${JSON.stringify(told)}\n${instances[0]!.lastWords()}`);
      }
    },
  };
}

function platformConfig(ports: PlatformProcess, verifier: object): unknown {
  const service = (port: number): object => ({ host: '127.0.0.1', port, tls: 'plain', trustedNetwork: true });
  return {
    imap: service(ports.imapPort),
    pop3: service(ports.pop3Port),
    submission: service(ports.submissionPort),
    sieve: service(ports.sievePort),
    lmtp: { host: '127.0.0.1', port: ports.lmtpPort },
    entrances: [
      {
        kind: 'trusted',
        port: ports.trustedPort,
        pop3Port: ports.pop3TrustedPort,
        submissionPort: ports.submissionTrustedPort,
        sievePort: ports.sieveTrustedPort,
        passwordFile: 'token',
      },
    ],
    verifier,
    sentinel: { login: SENTINEL.user, passwordFile: 'sentinel' },
  };
}
