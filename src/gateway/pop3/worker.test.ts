import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type SecureContext } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createSecret, type PlatformConfig } from '#config/index.ts';
import { silent } from '#events/index.ts';
import { connectToHandOver } from '#imap/hand-over.ts';
import { ensureSelfSigned, secureContext } from '#net/certificate.ts';
import { connect as connectPop3 } from '#pop3/connect.ts';
import { addUser, createPlatform, type Platform, seedMailbox } from '#practice/index.ts';
import type { Attempt, Verdict } from '#signin/verdict.ts';
import type { FromWorker, ToWorker } from '../messages.ts';
import { createPeer, type Listener, listenForPeers, manualClock, type Peer, settle } from '../peers.testing.ts';
import { createGatewayWorker } from '../worker.ts';
import { createGatewayWorkers, type FindUidls } from '../workers.ts';

const JOE = 'joe@example.net';
const ACCEPTED: Verdict = { verdict: 'accepted', accountId: 7, address: JOE, home: 'old' };
const MAIL = ['Subject: a\r\n\r\n.a\r\n', 'Subject: b\r\n\r\nb\r\n'];

const folder = mkdtempSync(join(tmpdir(), 'gateway-pop3-'));
let context: SecureContext;
let practice: Platform;
beforeAll(async () => {
  context = secureContext(await ensureSelfSigned(folder, ['localhost']));
  writeFileSync(join(folder, 'token'), 't0p');
  addUser(join(folder, 'old'), JOE, 'pw');
  seedMailbox(join(folder, 'old'), JOE, 'INBOX', MAIL.map((text) => ({ bytes: Buffer.from(text), internalDateMs: 1_000 })));
  practice = await createPlatform({ name: 'old', folder: join(folder, 'old'), trustedTokenFile: join(folder, 'token') });
});
const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});
afterAll(async () => {
  await practice.close();
  rmSync(folder, { recursive: true });
});

type SignIn = (attempt: Attempt, register: (accountId: number) => unknown) => Promise<Verdict>;

async function setUp({ attempt = (async (_, register) => (register(7), ACCEPTED)) as SignIn, judgeable = true, uidls = undefined as FindUidls | undefined, connectionLimit = 100, service = undefined as { port: number; trusted: number } | undefined, replay = false } = {}) {
  const clock = manualClock();
  const attempts: Attempt[] = [];
  const workers = createGatewayWorkers({
    attempt: (presented, register) => (attempts.push(presented), attempt(presented, register)),
    couldJudge: () => judgeable,
    ...(uidls === undefined ? {} : { uidls }),
    clock,
    emit: silent,
  });
  let toServe: (message: FromWorker) => void = () => {};
  let toWorker: (message: ToWorker) => void = () => {};
  workers.add({
    send: (message) => void setImmediate(() => toWorker(structuredClone(message))),
    onMessage: (callback) => void (toServe = callback),
    onExit: () => {},
  });
  const { port, trusted } = service ?? { port: practice.pop3Port, trusted: practice.pop3TrustedPort };
  const platform = {
    imap: { host: '127.0.0.1', port: 1, tls: 'plain', trustedNetwork: true },
    pop3: { host: '127.0.0.1', port, tls: 'plain', trustedNetwork: true },
    entrances: [{ kind: 'trusted', port: 1, pop3Port: trusted, secret: createSecret('t0p') }, ...(replay ? [{ kind: 'replay' }] : [])],
  } as unknown as PlatformConfig;
  const worker = createGatewayWorker({
    channel: {
      send: (message) => void setImmediate(() => toServe(structuredClone(message))),
      onMessage: (callback) => void (toWorker = callback),
    },
    platforms: { old: platform },
    connect: { imap: connectToHandOver, pop3: connectPop3 },
    secureContext: () => context,
    clock,
    emit: silent,
    random: () => 0,
    connectionLimit,
  });
  const open = async (transport: 'clear' | 'tls'): Promise<number> => {
    const server = createServer((socket) => worker.accept(socket, transport, undefined, 'pop3')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    cleanUps.push(() => server.close());
    return (server.address() as AddressInfo).port;
  };
  const tls = await open('tls');
  const dial = (): Peer => {
    const peer = createPeer(connectTls({ port: tls, host: '127.0.0.1', rejectUnauthorized: false }));
    cleanUps.push(() => peer.socket.destroy());
    return peer;
  };
  return { clock, workers, worker, attempts, dial, clear: await open('clear') };
}

/** A scripted platform; the trusted port is the only one that is asked. */
async function scripted(): Promise<{ listener: Listener; service: { port: number; trusted: number } }> {
  const listener = await listenForPeers('+OK scripted\r\n');
  cleanUps.push(() => listener.close());
  return { listener, service: { port: 1, trusted: listener.port } };
}

/** Plays the platform's side of a sign-in. */
async function letIn(listener: Listener): Promise<Peer> {
  const platform = await listener.next();
  cleanUps.push(() => platform.socket.destroy());
  await platform.sees('USER joe@example.net\r\n');
  platform.send('+OK\r\n');
  await platform.sees('PASS t0p\r\n');
  platform.send('+OK in\r\n');
  await platform.sees('CAPA\r\n');
  platform.send('+OK\r\nPIPELINING\r\nSASL PLAIN\r\n.\r\n');
  return platform;
}

test('a moved account: its clients see the ids that they know; without them there is no session, and nothing is dialled', async () => {
  const { listener, service } = await scripted();
  const asked: unknown[] = [];
  const { dial } = await setUp({ service, uidls: async (...who) => (asked.push(who), { epoch: 3, marked: false, kept: 'new1 old1\n' }) });
  const client = dial();
  client.send('USER joe\r\nPASS pw\r\nUIDL\r\nUIDL 1\r\n');
  const platform = await letIn(listener);
  await platform.sees('UIDL\r\nUIDL 1\r\n');
  platform.send('+OK\r\n1 new1\r\n2 new2\r\n3 old1\r\n.\r\n+OK 1 new1\r\n');
  await client.sees('+OK Signed in.\r\n+OK\r\n1 old1\r\n2 new2\r\n3 3~old1\r\n.\r\n+OK 1 old1\r\n');
  expect(asked).toEqual([[7, 'old']]);

  for (const uidls of [async () => Promise.reject(new Error('the store is away')), async () => ({ epoch: 3, marked: false, kept: 'torn' })]) {
    const without = await setUp({ service, uidls });
    const turnedAway = without.dial();
    turnedAway.send('USER joe\r\nPASS pw\r\nUIDL\r\n');
    await turnedAway.sees('+OK The password, please.\r\n');
    while (!turnedAway.all().includes('-ERR [SYS/TEMP]')) {
      without.clock.advance(1_000);
      await settle();
    }
    expect(turnedAway.all()).not.toMatch(/\[AUTH\]|Signed in/);
    await settle();
    expect(without.workers.sessions()).toBe(0);
  }
});

test('through practice: signs in by the trusted entrance, all of it pipelined, fetches, deletes', async () => {
  const { dial, attempts, workers } = await setUp();
  const client = dial();
  client.send('USER joe\r\nPASS pw\r\nSTAT\r\nUIDL\r\nRETR 1\r\nCAPA\r\nDELE 1\r\nQUIT\r\n');
  await client.sees('+OK POP3 ready.\r\n+OK The password, please.\r\n+OK Signed in.\r\n+OK 2 ');
  await client.sees('\r\n..a\r\n.\r\n');
  expect(await client.sees('\r\n.\r\n')).not.toContain('SASL');
  await client.sees('+OK Marked.\r\n+OK Goodbye.\r\n');
  await client.ended();
  expect(attempts).toMatchObject([{ protocol: 'pop3', login: 'joe', secret: 'pw' }]);
  await settle();
  expect(workers.sessions()).toBe(0);
  const again = dial();
  again.send('USER joe\r\nPASS pw\r\nSTAT\r\nQUIT\r\n');
  await again.sees(`+OK 1 ${MAIL[1]!.length}\r\n`);
  await again.ended();
  expect(readFileSync(join(folder, 'old', 'access.log'), 'utf8')).toContain('"port":"pop3-trusted"');
});

test('STLS: what was sent in clear behind it is never looked at', async () => {
  const { clear, attempts } = await setUp();
  const client = createPeer(connectTcp(clear, '127.0.0.1'));
  cleanUps.push(() => client.socket.destroy());
  await client.sees('ready.\r\n');
  client.socket.removeAllListeners('data');
  client.send('STLS\r\nUSER mallory\r\nPASS pw\r\n');
  await new Promise((resolve) => client.socket.once('data', resolve));
  const inside = createPeer(connectTls({ socket: client.socket, rejectUnauthorized: false }));
  inside.send('CAPA\r\n');
  expect(await inside.sees('\r\n.\r\n')).toMatch(/^\+OK\r\nUSER\r\n/);
  expect(attempts).toEqual([]);
});

test('the replies: [AUTH] only for a rejection, held back, on an open connection', async () => {
  const rejecting = await setUp({ attempt: async () => ({ verdict: 'rejected', reason: 'secret' }) });
  const client = rejecting.dial();
  client.send('USER joe\r\nPASS wrong\r\n');
  await client.sees('please.\r\n');
  await settle();
  expect(client.all()).not.toContain('-ERR');
  rejecting.clock.advance(2_000);
  await client.sees('-ERR [AUTH] ');
  client.send('CAPA\r\n');
  await client.sees('USER\r\n');
  const down = await setUp({ attempt: async () => ({ verdict: 'unavailable', reason: 'verifier-down' }) });
  const other = down.dial();
  other.send('USER joe\r\nPASS pw\r\n');
  await other.sees('please.\r\n');
  await settle();
  down.clock.advance(2_000);
  await other.sees('-ERR [SYS/TEMP] Account is temporarily unavailable, service busy, please wait. Your password was not rejected.\r\n');
});

test('who cannot be judged is told at USER, and no secret is asked for or judged', async () => {
  const { dial, clock, attempts } = await setUp({ judgeable: false });
  const client = dial();
  client.send('USER joe\r\nPASS pw\r\n');
  await client.sees('ready.\r\n');
  await settle();
  clock.advance(2_000);
  const line = '-ERR [SYS/TEMP] Account is temporarily unavailable, service busy, please wait.\r\n';
  await client.sees(line + line);
  expect([client.all().includes('[AUTH]'), attempts]).toEqual([false, []]);
});

test('a platform that refuses, hangs up or is not there: unavailable, and no session stays', async () => {
  const { listener, service } = await scripted();
  const { dial, clock, workers } = await setUp({ service });
  for (const answer of ['-ERR [AUTH] no\r\n', '-ERR [IN-USE] locked\r\n', undefined]) {
    const client = dial();
    client.send('USER joe\r\nPASS pw\r\n');
    const platform = await listener.next();
    await platform.sees('USER joe@example.net\r\n');
    if (answer === undefined) platform.socket.destroy();
    else {
      platform.send('+OK\r\n');
      await platform.sees('PASS t0p\r\n');
      platform.send(answer);
    }
    await platform.ended();
    platform.socket.destroy();
    await settle();
    clock.advance(2_000);
    await client.sees(answer?.includes('IN-USE') ? '-ERR [IN-USE] ' : '-ERR [SYS/TEMP] ');
    expect(client.all()).not.toContain('[AUTH]');
    client.socket.destroy();
  }
  await settle();
  expect(workers.sessions()).toBe(0);
});

test('a hold before RETR: frozen, cut with QUIT, the client told to come again', async () => {
  const { listener, service } = await scripted();
  const { dial, workers } = await setUp({ service });
  const client = dial();
  client.send('USER joe\r\nPASS pw\r\n');
  const platform = await letIn(listener);
  await client.sees('+OK Signed in.\r\n');
  expect(await workers.participant.freeze(7, 1, 2_000)).toBe('quiet');
  client.send('DELE 1\r\n');
  const cut = workers.participant.cut(7);
  await client.sees('-ERR [SYS/TEMP] This connection is over. Please connect again.\r\n');
  await platform.sees('QUIT\r\n');
  platform.socket.end();
  await cut;
  expect([platform.all().includes('DELE'), workers.sessions()]).toEqual([false, 0]);
});

test('a hold after RETR is busy, and put off; it gets through once the client has quit', async () => {
  const { listener, service } = await scripted();
  const { dial, workers, clock } = await setUp({ service });
  const client = dial();
  client.send('USER joe\r\nPASS pw\r\nRETR 1\r\n');
  const platform = await letIn(listener);
  await platform.sees('RETR 1\r\n');
  platform.send('+OK\r\nmail\r\n.\r\n');
  await client.sees('mail\r\n.\r\n');
  const first = workers.participant.freeze(7, 1, 2_000);
  await settle();
  clock.advance(2_000);
  expect(await first).toBe('busy');
  workers.participant.thaw(7);
  const second = workers.participant.freeze(7, 2, 2_000);
  client.send('DELE 1\r\nQUIT\r\n');
  await platform.sees('DELE 1\r\nQUIT\r\n');
  platform.send('+OK\r\n+OK\r\n');
  platform.socket.end();
  expect(await second).toBe('quiet');
  await client.ended();
});

test('over the cap there is a POP3 goodbye', async () => {
  const { dial } = await setUp({ connectionLimit: 1 });
  await dial().sees('ready.\r\n');
  const second = dial();
  await second.sees('-ERR [SYS/TEMP] Service is temporarily unavailable, please wait.\r\n');
  await second.ended();
});
