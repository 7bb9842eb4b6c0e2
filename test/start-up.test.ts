/**
 * Starts that cannot succeed: each ends with words for the operator (where, what, what to do), the exit status of its
 * class, nothing half done and no process left. And those that must succeed all the same.
 */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureSelfSigned } from '../src/net/certificate.ts';
import { addUsers, type PlatformProcess, startPlatformProcess } from '../src/practice/index.ts';
import { signIn } from './customer.ts';
import { causeway, type Ended, install, type Installation, processesOf, type Running, SENTINEL, serve, type Wrap } from './installation.ts';
import { smallDisk, whyNoSmallDisk } from './small-disk.ts';

/** A start takes a second, and twenty on half a core. */
const TIMEOUT = { timeout: 300_000 };
/** Ports where nobody is: tcpmux and compressnet, which nobody runs. */
const NOBODY = { imapPort: 1, lmtpPort: 2, trustedPort: 3 };

/** An installation for one test. */
async function within(changes: Readonly<Record<string, unknown>>, work: (at: Installation) => Promise<void>): Promise<void> {
  const at = install({ old: NOBODY }, changes);
  try {
    await work(at);
  } finally {
    at.remove();
  }
}

/** The words, the status, no stack, no process, and no file that says where an instance runs. */
function expectRefused(ended: Ended, status: number, words: RegExp, at: Installation): void {
  expect(ended.stderr).toMatch(words);
  expect(ended.stderr, 'a stack').not.toMatch(/^\s+at /m);
  expect(ended.stderr).toMatch(/^causeway: /m);
  expect(ended.status, ended.stderr).toBe(status);
  expect(processesOf(at.folder)).toEqual([]);
  expect(existsSync(join(at.data, 'run.json'))).toBe(false);
}

async function occupied(host: string): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => socket.on('error', () => {}));
  await new Promise<void>((done) => server.listen(0, host, done));
  return { server, port: (server.address() as { port: number }).port };
}

describe('what is found before anything is started', () => {
  test('a mistake in the configuration: line, key, what was expected', TIMEOUT, async () => {
    await within({ listen: { imaps: { host: '127.0.0.1', port: 'many' } } }, async (at) => {
      const line = readFileSync(at.config, 'utf8').split('\n').findIndex((text) => text.includes('many')) + 1;
      const words = new RegExp(`^causeway: ${at.config}:${line}:\\d+: listen\\.imaps\\.port: expected a port .*, found `, 'm');
      for (const command of ['serve', 'check']) expectRefused(await causeway([command, '-c', at.config]), 78, words, at);
    });
  });

  test('no configuration there', TIMEOUT, async () => {
    await within({}, async (at) => {
      rmSync(at.config);
      expectRefused(await causeway(['serve', '-c', at.config]), 78, /causeway\.yaml: the configuration cannot be read: ENOENT/, at);
    });
  });

  test('a port in use', TIMEOUT, async () => {
    const { server, port } = await occupied('127.0.0.1');
    try {
      await within({ listen: { imaps: { host: '127.0.0.1', port } } }, async (at) => {
        const ended = await causeway(['serve', '-c', at.config]);
        expectRefused(ended, 78, new RegExp(`^causeway: 127\\.0\\.0\\.1:${port}: the port is in use by another process\n  Find it with: ss `, 'm'), at);
        expect(readdirSync(at.data)).toEqual([]);
      });
    } finally {
      server.close();
    }
  });

  test('a certificate that is none', TIMEOUT, async () => {
    await within({ tls: { certificate: 'tls.crt', key: 'tls.key' } }, async (at) => {
      at.file('tls.crt', '-----BEGIN CERTIFICATE-----\nnot this one\n-----END CERTIFICATE-----\n');
      expectRefused(await causeway(['serve', '-c', at.config]), 78, /causeway\.yaml:\d+:\d+: tls\.key: expected a readable file, found .*tls\.key: there is no such file/, at);
      at.file('tls.key', 'nor this');
      expectRefused(await causeway(['serve', '-c', at.config]), 78, /tls\.crt, .*tls\.key: cannot use the certificate: .*\n {2}Both files must be readable PEM/, at);
      const [one, other] = [await ensureSelfSigned(join(at.folder, 'one'), ['localhost']), await ensureSelfSigned(join(at.folder, 'other'), ['localhost'])];
      at.file('tls.crt', readFileSync(one.certificate, 'utf8'));
      at.file('tls.key', readFileSync(other.key, 'utf8'));
      expectRefused(await causeway(['serve', '-c', at.config]), 78, /cannot use the certificate: .*key values mismatch/, at);
    });
  });

  test('a data folder that this user may not write', TIMEOUT, async () => {
    await within({}, async (at) => {
      mkdirSync(at.data);
      chmodSync(at.data, 0o555);
      // Root may write everywhere, but for a root without that right.
      const mortal: Wrap = process.getuid?.() === 0 ? (command) => ['setpriv', '--bounding-set=-dac_override', '--inh-caps=-dac_override', ...command] : (command) => command;
      expectRefused(await causeway(['serve', '-c', at.config], mortal), 78, /data: cannot use the data folder: EACCES.*\n {2}Name a folder under "data" that this user may write\./, at);
      expect(readdirSync(at.data)).toEqual([]);
    });
  });

  test('a data folder that is a file', TIMEOUT, async () => {
    await within({}, async (at) => {
      writeFileSync(at.data, '');
      expectRefused(await causeway(['serve', '-c', at.config]), 78, /data: cannot use the data folder: /, at);
    });
  });

  test('a database that is not there', TIMEOUT, async () => {
    await within({ database: { url: 'postgres://causeway:hunter2@127.0.0.1:1/causeway' } }, async (at) => {
      const ended = await causeway(['serve', '-c', at.config]);
      expectRefused(ended, 69, /the store cannot be .*127\.0\.0\.1:1/, at);
      expect(ended.stderr).not.toContain('hunter2');
      const checked = await causeway(['check', '-c', at.config]);
      expect(checked.stdout).toMatch(/^✗ database: .*127\.0\.0\.1:1/m);
      expect(checked.status).toBe(1);
      expect(checked.stdout + checked.stderr).not.toContain('hunter2');
    });
  });
});

test('what fails when the database runs already takes it along', TIMEOUT, async () => {
  await within({}, async (at) => {
    mkdirSync(join(at.data, 'directory'), { recursive: true });
    expectRefused(await causeway(['serve', '-c', at.config]), 69, /data\/directory: the file cannot be written: .*\n {2}make room on the disk, or let the service write there/, at);
    rmdirSync(join(at.data, 'directory'));
    const running = serve(at.config);
    await running.event('serve.ready');
    expect((await running.stop()).status).toBe(0);
    expect(processesOf(at.folder)).toEqual([]);
  });
});

const noDisk = whyNoSmallDisk();
if (noDisk !== undefined && process.env['CI'] === 'true') throw new Error(`CI must run this, and cannot: ${noDisk}`);

test.skipIf(noDisk !== undefined)(`a full disk${noDisk === undefined ? '' : ` (skipped: ${noDisk})`}`, TIMEOUT, async () => {
  await within({}, async (at) => {
    const disk = await smallDisk(at.data, 300 * 1024);
    // The disk is seen from here by another name.
    const seen = { ...at, data: disk.seenFromHere };
    try {
      disk.fill();
      expectRefused(await causeway(['serve', '-c', at.config], disk.wrap), 78, /data: cannot use the data folder: ENOSPC.*\n {2}The disk is full: make room/, seen);
      disk.free();
      disk.fill(20 * 1024 * 1024);
      expectRefused(await causeway(['serve', '-c', at.config], disk.wrap), 78, /data\S*: the .*embedded PostgreSQL cannot be .*[Nn]o space left on device.*\n {2}make room on that disk/, seen);
      expect(readdirSync(join(seen.data, 'postgres')).filter((name) => name.startsWith('pgdata'))).toEqual([]);
      disk.free();
      const running = serve(at.config, disk.wrap);
      await running.event('serve.ready');
      expect((await running.stop()).status).toBe(0);
      expect(processesOf(at.folder)).toEqual([]);
    } finally {
      await disk.close();
    }
  });
});

describe('with an instance that runs', () => {
  let world: Installation;
  let at: Installation;
  let alive: PlatformProcess;
  /** Takes connections and says nothing. */
  const hung: Record<keyof typeof NOBODY, number> = { ...NOBODY };
  const silent: Server[] = [];
  let running: Running;
  const customer = { user: 'ada@isp.example', secret: 'first programmer' };

  beforeAll(async () => {
    world = install({});
    const folder = join(world.folder, 'alive');
    addUsers(folder, [customer, SENTINEL]);
    alive = await startPlatformProcess({ name: 'alive', folder, trustedTokenFile: join(world.folder, 'token') });
    for (const name of ['imapPort', 'lmtpPort', 'trustedPort'] as const) {
      const { server, port } = await occupied('127.0.0.1');
      silent.push(server);
      hung[name] = port;
    }
    at = install({ alive, dead: NOBODY, hung });
    running = serve(at.config);
    await running.event('serve.ready');
  });
  afterAll(async () => {
    const ended = await running.stop();
    for (const server of silent) server.close();
    await alive.close();
    const left = processesOf(at.folder);
    at.remove();
    world.remove();
    expect(left).toEqual([]);
    expect(ended.status, ended.stderr.slice(-2_000)).toBe(0);
  });

  test('platforms that do not answer: serve says so and serves the others, check says so with status 1', TIMEOUT, async () => {
    const checking = causeway(['check', '-c', at.config]);
    const file = at.file('one.csv', `address,platform,authority\n${customer.user},alive,alive\n`);
    const imported = await causeway(['account', 'import', file, '-c', at.config]);
    expect(imported, imported.stderr).toMatchObject({ status: 0 });
    const { imaps } = (await running.event('serve.ready')) as unknown as { imaps: number };
    expect(await signIn(imaps, customer.user, customer.secret)).toBe('in');

    const { status, stdout, stderr } = await checking;
    expect(status, stderr).toBe(1);
    for (const [what, port] of [['IMAP', 'imapPort'], ['LMTP', 'lmtpPort'], ['trusted entrance', 'trustedPort'], ['replay entrance', 'imapPort']] as const) {
      expect(stdout).toMatch(new RegExp(`^✓ alive: ${what}: `, 'm'));
      expect(stdout).toMatch(new RegExp(`^✗ dead: ${what}: .*127\\.0\\.0\\.1:${NOBODY[port]}\\b`, 'm'));
      expect(stdout).toMatch(new RegExp(`^✗ hung: ${what}: .*127\\.0\\.0\\.1:${hung[port]}\\b`, 'm'));
    }
    await expect.poll(() => running.events('serve.platform-unreachable').length).toBe(4);
    const told = running.events('serve.platform-unreachable').map(({ platform, protocol, place }) => `${String(platform)} ${String(protocol)} ${String(place)}`);
    expect(told.sort()).toEqual(['dead imap 127.0.0.1:1', 'dead lmtp 127.0.0.1:2', `hung imap 127.0.0.1:${hung.imapPort}`, `hung lmtp 127.0.0.1:${hung.lmtpPort}`]);
  });

  test('a wrong line in an import file: file and line, and nothing is imported', TIMEOUT, async () => {
    const file = at.file('wrong.csv', 'address,platform\nben@isp.example,alive\ncem@isp.example,elsewhere\ndot@isp.example,alive\n');
    const ended = await causeway(['account', 'import', file, '-c', at.config]);
    expect(ended.stderr).toMatch(/^causeway: \S*wrong\.csv:3: .*elsewhere.*\n {2}\S+/);
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    expect(ended).toMatchObject({ status: 65, stdout: '' });
    const shown = await causeway(['account', 'show', 'ben@isp.example', '-c', at.config]);
    expect(shown.stderr).toMatch(/there is no account ben@isp\.example/);
    expect(shown.status).toBe(67);
    const missing = await causeway(['account', 'import', join(at.folder, 'none.csv'), '-c', at.config]);
    expect(missing.stderr).toMatch(/^causeway: \S*none\.csv: the file cannot be read: ENOENT/);
    expect(missing.status).toBe(65);
  });

  test('a second serve on the same data folder, by whatever name', TIMEOUT, async () => {
    symlinkSync(at.data, join(at.folder, 'other-name'));
    const settings = parse(readFileSync(at.config, 'utf8')) as Record<string, unknown>;
    const second = at.file('second.yaml', stringify({ ...settings, data: join(at.folder, 'other-name') }));
    const before = readFileSync(join(at.data, 'run.json'), 'utf8');
    for (const config of [at.config, second]) {
      const ended = await causeway(['serve', '-c', config]);
      expect(ended.stderr).toMatch(/^causeway: \S+: another causeway serve runs on this data folder\n {2}Stop it first/);
      expect(ended.stderr).not.toMatch(/^\s+at /m);
      expect(ended.status).toBe(70);
    }
    expect(readFileSync(join(at.data, 'run.json'), 'utf8')).toBe(before);
    const { imaps } = (await running.event('serve.ready')) as unknown as { imaps: number };
    expect(await signIn(imaps, customer.user, customer.secret)).toBe('in');
  });
});
