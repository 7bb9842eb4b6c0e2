/**
 * fetchmail with `--keep --uidl`, and python's poplib, over a move between two real Dovecots and back: they fetch nothing
 * again, and miss nothing new.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import { readRunFile } from '../../src/context/data-folder.ts';
import { systemClock as clock } from '../../src/events/clock.ts';
import { connect } from '../../src/imap/connect.ts';
import { causeway, install, serve } from '../installation.ts';
import { PASSWORD, type PopDovecot, startPopDovecot } from './dovecot.ts';

/** `%u`, a message's UID alone: both count from 1, and what is new at one looks like what was old at the other. */
const CASES = [
  { user: 'ada@isp.example', source: 'old', formats: ['%08Xu%08Xv', '%v.%u'] },
  { user: 'ben@isp.example', source: 'counting', formats: ['%u', '%u'] },
] as const;

const cleanUps: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

const service = (port: number): unknown => ({ host: '127.0.0.1', port, tls: 'plain', trustedNetwork: true });
const platformConfig = ({ imap, pop3, nobody }: PopDovecot): unknown => ({
  imap: service(imap),
  pop3: service(pop3),
  lmtp: { host: '127.0.0.1', port: nobody }, // nothing is delivered here
  entrances: [{ kind: 'trusted', passwordFile: 'password' }],
  sentinel: { login: 'sentinel@isp.example', passwordFile: 'password' },
});

async function atPlatform<T>({ imap }: PopDovecot, user: string, work: (connection: Awaited<ReturnType<typeof connect>>) => Promise<T>): Promise<T> {
  const connection = await connect({ host: '127.0.0.1', port: imap, tls: 'plain' }, { clock, connectMs: 30_000, commandMs: 30_000 });
  await connection.login({ user, password: PASSWORD });
  const done = await work(connection);
  await connection.logout();
  return done;
}

function put(platform: PopDovecot, user: string, ...subjects: string[]): Promise<void> {
  return atPlatform(platform, user, async (connection) => {
    for (const subject of subjects) {
      const bytes = Buffer.from(`From: x@elsewhere.example\r\nSubject: ${subject}\r\n\r\nhello\r\n`);
      await connection.append('INBOX', { size: bytes.length, flags: [], internalDate: '01-Jan-2026 00:00:00 +0000' }, Readable.from([bytes]));
    }
  });
}

/** What has come into its mbox since it was asked last. */
function fetchmailAt(folder: string, user: string, port: () => number): () => string[] {
  mkdirSync(folder);
  const mbox = join(folder, 'mbox');
  let seen = 0;
  return () => {
    writeFileSync(join(folder, 'rc'), `set no bouncemail
poll localhost protocol pop3 port ${port()} timeout 30
  user "${user}" password "${PASSWORD}" ssl no sslcertck keep
  mda "cat >>${mbox}"
`);
    chmodSync(join(folder, 'rc'), 0o600);
    const { status, stdout, stderr } = spawnSync('fetchmail', ['-f', 'rc', '--nodetach', '--nosyslog', '--uidl', '--idfile', join(folder, 'ids'), '--pidfile', join(folder, 'pid')], { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder }, encoding: 'utf8' });
    // 1: there was nothing to fetch.
    expect([0, 1], stdout + stderr).toContain(status);
    const all = existsSync(mbox) ? subjectsIn(readFileSync(mbox, 'utf8')) : [];
    return all.slice(seen, (seen = all.length)).sort();
  };
}

const POPLIB = `
import json, os, poplib, ssl, sys
port, user, password, kept = sys.argv[1:]
known = json.load(open(kept)) if os.path.exists(kept) else []
box = poplib.POP3_SSL('localhost', int(port), context=ssl._create_unverified_context())
box.user(user)
box.pass_(password)
for line in box.uidl()[1]:
    number, uid = line.decode().split()
    assert box.uidl(number).decode().split()[-1] == uid
    if uid not in known:
        known.append(uid)
        print(b'\\n'.join(box.retr(number)[1]).decode())
box.quit()
json.dump(known, open(kept, 'w'))
`;

const poplibAt = (folder: string, user: string, port: () => number): (() => string[]) => () =>
  subjectsIn(execFileSync('/usr/bin/python3', ['-B', '-c', POPLIB, String(port()), user, PASSWORD, join(folder, 'poplib.json')], { encoding: 'utf8' })).sort();

const subjectsIn = (text: string): string[] => [...text.matchAll(/^Subject: (.*?)\r?$/gm)].map(([, subject]) => subject!);

test('over moves there, back and there again nothing is fetched again, nothing new is missed', { timeout: 300_000 }, async () => {
  const at = install({});
  cleanUps.push(() => at.remove());
  const start = async (name: string, format: string): Promise<PopDovecot> => {
    const dovecot = await startPopDovecot(join(at.folder, name), format);
    cleanUps.push(() => dovecot.stop());
    return dovecot;
  };
  at.file('password', PASSWORD);
  const platforms: Record<string, PopDovecot> = {};
  for (const { user, source, formats } of CASES) {
    platforms[source] = await start(source, formats[0]);
    platforms[`${source}-new`] = await start(`${source}-new`, formats[1]);
    await put(platforms[source], user, 'gone', 'one', 'two', 'two', 'three');
    await atPlatform(platforms[source], user, async (connection) => {
      await connection.select('INBOX');
      await connection.store('1', '+FLAGS', ['\\Deleted']);
      await connection.run('EXPUNGE');
    });
  }
  const config = at.file(
    'causeway.yaml',
    JSON.stringify({
      instance: 'uidl',
      data: at.data,
      listen: { pop3s: { host: '127.0.0.1', port: 0 } },
      workers: { gateway: 1, mover: 1 },
      platforms: Object.fromEntries(Object.entries(platforms).map(([name, platform]) => [name, platformConfig(platform)])),
    }),
  );
  const running = serve(config);
  cleanUps.push(() => running.stop());
  await running.event('serve.ready', 120_000);
  const accounts = at.file('accounts.csv', `address,platform,hash,authority\n${CASES.map(({ user, source }) => `${user},${source},,${source}\n`).join('')}`);
  expect((await causeway(['account', 'import', accounts, '-c', config])).status).toBe(0);

  for (const { user, source } of CASES) {
    const port = (): number => readRunFile(at.data)!.ports.pop3s!;
    const clients = [fetchmailAt(join(at.folder, `fetchmail-${source}`), user, port), poplibAt(join(at.folder, `fetchmail-${source}`), user, port)];
    const fetched = (): string[][] => clients.map((fetch) => fetch());
    const each = (...subjects: string[]): string[][] => clients.map(() => subjects);
    const move = async (to: string): Promise<void> => {
      const moved = await causeway(['move', user, '--to', to, '-c', config]);
      expect(moved.status, moved.stderr).toBe(0);
    };
    expect(fetched()).toEqual(each('one', 'three', 'two', 'two'));
    await move(`${source}-new`);
    expect(fetched()).toEqual(each());
    await put(platforms[`${source}-new`]!, user, 'new at the target', 'another one');
    expect(fetched()).toEqual(each('another one', 'new at the target'));
    await move(source);
    expect(fetched()).toEqual(each());
    await put(platforms[source]!, user, 'after the way back');
    expect(fetched()).toEqual(each('after the way back'));
    await move(`${source}-new`);
    expect(fetched()).toEqual(each());
  }
});
