/**
 * Hostile clients and a hostile back end against the real program, all doors: what they get, that the others are served
 * meanwhile, and that memory stays bounded.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readRunFile, type RunFile } from '../src/context/data-folder.ts';
import type { Peer } from '../src/gateway/peers.testing.ts';
import { addUsers, type PlatformProcess, startPlatformProcess } from '../src/practice/index.ts';
import { saidAtLast } from './customer.ts';
import { type Door, DOORS, inClear, openDoor, overTls, upgrade } from './hostile/doors.ts';
import { type HostilePlatform, pour, startHostilePlatform, type Vice, VICES } from './hostile/platform.ts';
import { causeway, install, type Installation, type Running, SENTINEL, serve, sleep } from './installation.ts';

/** Lives on a sound platform. */
const ADA = { user: 'ada@isp.example', secret: 'first programmer' };
/** Lives on the hostile one; the authority is ours. */
const EVE = { user: 'eve@isp.example', secret: 'no fault of hers' };

/** What a gateway's processes may grow by under all of this: their sockets' buffers and V8's slack, far below a gigabyte. */
const GROWTH_MIB = 200;
const GIGABYTE = 1024 ** 3;

let at: Installation;
let old: PlatformProcess;
let bad: HostilePlatform;
let running: Running;
let ports: RunFile['ports'];
const cleanUps: (() => Promise<unknown> | unknown)[] = [];

const service = (port: number): unknown => ({ host: '127.0.0.1', port, tls: 'plain', trustedNetwork: true });

beforeAll(async () => {
  at = install({});
  cleanUps.push(() => at.remove());
  const folder = join(at.folder, 'old');
  addUsers(folder, [ADA, SENTINEL]);
  old = await startPlatformProcess({ name: 'old', folder, master: { user: 'causeway' }, trustedTokenFile: join(at.folder, 'token') });
  cleanUps.push(() => old.close());
  bad = await startHostilePlatform(5);
  cleanUps.push(() => bad.close());
  const loopback = { host: '127.0.0.1', port: 0 };
  const entrance = { kind: 'trusted', passwordFile: 'token' };
  const config = at.file(
    'causeway.yaml',
    JSON.stringify({
      instance: 'scenario',
      data: at.data,
      listen: { imap: loopback, imaps: loopback, pop3: loopback, pop3s: loopback, submission: loopback, submissions: loopback, sieve: loopback },
      workers: { gateway: 1, mover: 1 },
      platforms: {
        old: {
          imap: service(old.imapPort),
          pop3: service(old.pop3Port),
          submission: service(old.submissionPort),
          sieve: service(old.sievePort),
          lmtp: { host: '127.0.0.1', port: old.lmtpPort },
          // A master beside it, so that its separator is foreign in a login name.
          entrances: [{ ...entrance, port: old.trustedPort, pop3Port: old.pop3TrustedPort, submissionPort: old.submissionTrustedPort, sievePort: old.sieveTrustedPort }, { kind: 'master', user: 'causeway', passwordFile: 'token', style: 'separator' }],
          sentinel: { login: SENTINEL.user, passwordFile: 'sentinel' },
        },
        bad: {
          imap: service(bad.ports[0]!),
          pop3: service(bad.ports[1]!),
          submission: service(bad.ports[2]!),
          sieve: service(bad.ports[3]!),
          lmtp: { host: '127.0.0.1', port: bad.ports[4]! },
          entrances: [entrance],
        },
      },
    }),
  );
  running = serve(config);
  cleanUps.push(() => running.stop());
  await running.event('serve.ready');
  ports = readRunFile(at.data)!.ports;
  const hash = `{SHA256}${createHash('sha256').update(EVE.secret).digest('base64')}`;
  const accounts = at.file('accounts.csv', `address,platform,hash,authority\n${ADA.user},old,,old\n${EVE.user},bad,${hash},ours\n`);
  expect((await causeway(['account', 'import', accounts, '-c', config])).status).toBe(0);
});
afterAll(async () => {
  for (const each of cleanUps.splice(0).toReversed()) await each();
});

/** Resident memory of the gateway's workers and of serve, in MiB. */
function memory(): number {
  const { serve: main, children } = readRunFile(at.data)!;
  return [main, ...children.filter(({ role }) => role === 'gateway')]
    .map(({ pid }) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]) / 1024)
    .reduce((a, b) => a + b);
}

/** Says all of it and waits for what is to be seen. @returns all that came */
async function answerTo(peer: Peer, text: string, expected: RegExp, withinMs = 60_000): Promise<string> {
  peer.send(text);
  const until = performance.now() + withinMs;
  while (!expected.test(peer.all())) {
    if (performance.now() > until || peer.socket.closed) throw new Error(`no ${expected} in ${JSON.stringify(peer.all().slice(-2_000))}`);
    await sleep(20);
  }
  return peer.all();
}

/** Presents a wrong secret, and again, as a client does, while nobody can say in time whether it is. @returns all that came */
function rejects(peer: Peer, door: Door, login: string, secret: string): Promise<string> {
  const present = (): Promise<string> => answerTo(peer, door.signIn(login, secret), new RegExp(`^[^]{${peer.all().length}}[^]*(?:${door.rejected.source}|${door.unavailable.source})`, 'm'));
  return saidAtLast(present, (seen) => !door.rejected.test(seen));
}

/** What reached the sound platform, by sessions that are not among these. */
function reached(but: ReadonlySet<string> = new Set()): { session: string; line: string }[] {
  const lines = readFileSync(join(at.folder, 'old', 'access.log'), 'utf8').split('\n').filter((line) => line !== '');
  return lines.map((line) => ({ session: (JSON.parse(line) as { session: string }).session, line })).filter(({ session }) => !but.has(session));
}

/** Signs in as Ada, and comes again, as a client does, while a session of hers of a moment ago still ends. */
async function comesIn(door: Door, from?: string): Promise<Peer> {
  const until = performance.now() + 60_000;
  for (;;) {
    const peer = await openDoor(door, ports, from);
    const either = new RegExp([door.accepted, ...(door.inUse === undefined ? [] : [door.inUse])].map(({ source }) => source).join('|'), 'm');
    const seen = await answerTo(peer, door.signIn(ADA.user, ADA.secret), performance.now() < until ? either : door.accepted);
    if (door.accepted.test(seen)) return peer;
    peer.socket.destroy();
  }
}

async function signsIn(door: Door, from?: string): Promise<void> {
  const peer = await comesIn(door, from);
  peer.socket.destroy();
}

describe.each(Object.entries(DOORS))('%s', (_, door) => {
  test('what was sent in clear behind STARTTLS is never looked at, and a secret in clear is not taken', async () => {
    const clear = inClear(ports[door.clear]!);
    await clear.sees(door.greeting);
    clear.send(door.startTls.ask + door.signIn(ADA.user, ADA.secret));
    await clear.sees(door.startTls.go);
    const secured = upgrade(clear);
    const seen = await rejects(secured, door, ADA.user, `${ADA.secret} not`);
    expect(seen).toMatch(door.rejected);
    expect(seen).not.toMatch(door.accepted);
    secured.socket.destroy();

    const bare = inClear(ports[door.clear]!);
    await bare.sees(door.greeting);
    bare.send(door.signIn(ADA.user, ADA.secret));
    await sleep(300);
    expect(bare.all()).not.toMatch(door.accepted);
    expect(bare.all()).not.toMatch(door.rejected);
    bare.socket.destroy();
  });

  test('authorization identities, NULs and a master separator get nowhere, and blame no password', async () => {
    // Ada's own of a moment ago may still end.
    const before = new Set(reached().map(({ session }) => session));
    const peer = await openDoor(door, ports);
    for (const message of [`${EVE.user}\0${ADA.user}\0${ADA.secret}`, `\0${ADA.user}*causeway\0let-me-in`, `\0${ADA.user}\0${ADA.secret}\0x`, `\0\0\0`, '']) {
      const seen = peer.all().length;
      await answerTo(peer, door.plain(message), new RegExp(`^[^]{${seen}}[^]*\n`));
    }
    await answerTo(peer, door.signIn(`${ADA.user}*causeway`, 'let-me-in'), door.malformed);
    expect(peer.all()).not.toMatch(door.accepted);
    expect(peer.all()).not.toMatch(door.rejected);
    peer.socket.destroy();
    expect(reached(before).map(({ line }) => line).join('\n')).not.toMatch(/\*causeway|"user":"ada/);
  });

  test('garbage, before a sign-in and pipelined behind one, harms nobody else', async () => {
    const garbage = Buffer.from(Array.from({ length: 200_000 }, (_unused, n) => (n * 2_654_435_761) & 255));
    for (const first of ['', door.plain(`\0${ADA.user}\0${ADA.secret}`).replace(/\r\n$/, '\0\r\n'), door.signIn(ADA.user, ADA.secret)]) {
      const peer = await openDoor(door, ports);
      peer.send(first);
      peer.socket.write(garbage);
      await sleep(200);
      peer.socket.destroy();
    }
    await signsIn(door);
  });

  test('a line of a gigabyte ends at its cap, before the sign-in and after it', async () => {
    const before = memory();
    for (const signedIn of [false, true]) {
      const peer = signedIn ? await comesIn(door) : await openDoor(door, ports);
      pour(peer.socket, Buffer.alloc(1024 * 1024, 'x'));
      while (!peer.socket.closed && peer.socket.bytesWritten < GIGABYTE) await sleep(20);
      expect(peer.socket.bytesWritten).toBeLessThan(GIGABYTE / 10);
      peer.socket.destroy();
    }
    expect(memory() - before).toBeLessThan(GROWTH_MIB);
    await signsIn(door);
  });
});

test.each(Object.keys(VICES) as Vice[])('a back end that is hostile (%s) is unavailable at every door, never a wrong password', async (vice) => {
  bad.vice = vice;
  const before = memory();
  await Promise.all(
    Object.values(DOORS).map(async (door) => {
      const peer = await openDoor(door, ports);
      const seen = await answerTo(peer, door.signIn(EVE.user, EVE.secret), door.unavailable);
      expect(seen).not.toMatch(door.rejected);
      expect(seen).not.toMatch(door.accepted);
      peer.socket.destroy();
    }),
  );
  expect(memory() - before).toBeLessThan(GROWTH_MIB);
});

test('a flood of connections and slow clients from some addresses: those of another address sign in, memory is bounded', { timeout: 400_000 }, async () => {
  const before = memory();
  const flood: Peer[] = [];
  for (let n = 0; n < 1_500; n += 1) {
    const door = Object.values(DOORS)[n % Object.keys(DOORS).length]!;
    const from = `127.0.1.${1 + (n % 5)}`;
    flood.push(n % 8 < 4 && door.tls !== undefined ? overTls(ports[door.tls]!, from) : inClear(ports[door.clear]!, from));
  }
  const loris = setInterval(() => {
    for (const { socket } of flood) if (socket.writable) socket.write('x');
  }, 250);
  try {
    await sleep(1_000);
    for (const door of Object.values(DOORS)) await signsIn(door, '127.0.2.1');
    // A hundred an address are served; the others are told so, or closed, as soon as it is their turn.
    await expect.poll(() => flood.filter(({ socket }) => !socket.closed && !socket.readableEnded).length, { timeout: 180_000, interval: 100 }).toBeLessThanOrEqual(5 * 104);
    for (const door of Object.values(DOORS)) await signsIn(door, '127.0.2.1');
    expect(memory() - before).toBeLessThan(GROWTH_MIB);
  } finally {
    clearInterval(loris);
    for (const { socket } of flood) socket.destroy();
  }
  expect(flood.filter((peer) => peer.all().includes('navailable')).length).toBeGreaterThan(0);
  expect(running.child.exitCode).toBeNull();
});
