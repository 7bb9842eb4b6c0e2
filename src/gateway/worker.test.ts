import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectTcp, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecureContext } from 'node:tls';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createSecret, type PlatformConfig } from '#config/index.ts';
import { silent } from '#events/index.ts';
import { connectToHandOver } from '#imap/hand-over.ts';
import { connect as connectPop3 } from '#pop3/connect.ts';
import { ensureSelfSigned, secureContext } from '#net/certificate.ts';
import type { Attempt, Verdict } from '#signin/verdict.ts';
import { createGatewayWorker } from './worker.ts';
import { createGatewayWorkers } from './workers.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { createPeer, type Listener, listenForPeers, manualClock, type Peer, settle } from './peers.testing.ts';

const GREETING = '* OK [CAPABILITY IMAP4rev1 LITERAL+] ready\r\n';
const INSIDE = 'OK [CAPABILITY IMAP4rev1 IDLE LITERAL+ COMPRESS=DEFLATE] in\r\n';
const ACCEPTED: Verdict = { verdict: 'accepted', accountId: 7, address: 'joe@example.net', home: 'old' };

const folder = mkdtempSync(join(tmpdir(), 'gateway-'));
let context: SecureContext;
beforeAll(async () => {
  context = secureContext(await ensureSelfSigned(folder, ['localhost']));
});
const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});
afterAll(() => rmSync(folder, { recursive: true }));

type SignIn = (attempt: Attempt, register: (accountId: number) => unknown, signal: AbortSignal) => Promise<Verdict>;

async function setUp({ attempt = (async (_, register) => (register(7), ACCEPTED)) as SignIn, connectionLimit = 100, replay = false } = {}) {
  const home = await listenForPeers(GREETING);
  const trusted = await listenForPeers(GREETING);
  const clock = manualClock();
  const workers = createGatewayWorkers({ attempt, couldJudge: () => true, clock, emit: silent });
  // The channel: in order, and never in the same turn.
  let toServe: (message: FromWorker) => void = () => {};
  let toWorker: (message: ToWorker) => void = () => {};
  workers.add({
    send: (message) => void setImmediate(() => toWorker(structuredClone(message))),
    onMessage: (callback) => void (toServe = callback),
    onExit: () => {},
  });
  const platform = {
    imap: { host: '127.0.0.1', port: home.port, tls: 'plain', trustedNetwork: true },
    entrances: [
      { kind: 'trusted', port: trusted.port, secret: createSecret('t0p') },
      ...(replay ? [{ kind: 'replay' }] : []),
    ],
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
  const open = async (port: 'clear' | 'tls'): Promise<number> => {
    const server = createServer((socket) => worker.accept(socket, port)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    cleanUps.push(() => server.close());
    return (server.address() as AddressInfo).port;
  };
  cleanUps.push(() => home.close(), () => trusted.close());
  return { clock, workers, worker, home, trusted, clear: await open('clear'), tls: await open('tls') };
}

function dialTls(port: number): Peer {
  const peer = createPeer(connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }));
  cleanUps.push(() => peer.socket.destroy());
  return peer;
}

function dialClear(port: number): Peer {
  const peer = createPeer(connectTcp(port, '127.0.0.1'));
  cleanUps.push(() => peer.socket.destroy());
  return peer;
}

/** Plays the platform's side of a trusted sign-in. */
async function letIn(listener: Listener): Promise<Peer> {
  const platform = await listener.next();
  cleanUps.push(() => platform.socket.destroy());
  const said = await platform.sees('\r\n');
  platform.send(`${said.split(' ')[0]} ${INSIDE}`);
  return platform;
}

test('signs in over TLS through the trusted entrance, and splices, commands sent ahead included', async () => {
  const { trusted, tls, workers } = await setUp();
  const client = dialTls(tls);
  await client.sees('AUTH=PLAIN] IMAP ready.\r\n');
  client.send('a LOGIN joe pw\r\nb SELECT INBOX\r\n');
  const platform = await letIn(trusted);
  expect(platform.all()).toMatch(/ LOGIN "joe@example.net" "t0p"\r\n/);
  await client.sees('a OK [CAPABILITY IMAP4rev1 IDLE LITERAL+] Signed in.\r\n');
  await platform.sees('b SELECT INBOX\r\n');
  expect(workers.sessions()).toBe(1);
  client.send('c LOGOUT\r\n');
  await platform.sees('c LOGOUT\r\n');
  platform.send('* BYE\r\nb OK\r\nc OK\r\n');
  platform.socket.end();
  await client.ended();
  await settle();
  expect(workers.sessions()).toBe(0);
});

test('STARTTLS: what was sent in clear behind it is never looked at', async () => {
  const { clear } = await setUp();
  const client = dialClear(clear);
  await client.sees('LOGINDISABLED] IMAP ready.\r\n');
  client.socket.removeAllListeners('data');
  client.send('a STARTTLS\r\nb LOGIN mallory pw\r\nc NOOP\r\n');
  await new Promise((resolve) => client.socket.once('data', resolve));
  const inside = createPeer(connectTls({ socket: client.socket, rejectUnauthorized: false }));
  inside.send('d CAPABILITY\r\n');
  expect(await inside.sees('d OK')).toBe('* CAPABILITY IMAP4rev1 SASL-IR ID LITERAL+ AUTH=PLAIN\r\nd OK');
});

test('plain text on the TLS port, and a broken record after the handshake, end the connection', async () => {
  const { tls, worker } = await setUp();
  const client = dialClear(tls);
  client.send('a LOGIN joe pw\r\n'.repeat(10));
  await client.ended();
  const raw = connectTcp(tls, '127.0.0.1');
  const inside = createPeer(connectTls({ socket: raw, rejectUnauthorized: false }));
  await inside.sees('ready.\r\n');
  // A second reader of the same bytes: what it writes is no record of this session.
  const record = Buffer.concat([Buffer.from([23, 3, 3, 0, 35]), Buffer.alloc(35, 7)]);
  (raw as unknown as { _handle: { writeBuffer(request: unknown, data: Buffer): number } })._handle.writeBuffer({ oncomplete: () => {} }, record);
  await inside.ended();
  await settle();
  expect(worker.connections()).toBe(0);
});

test('a refusal is held back, comes from the table, and leaves the connection open', async () => {
  const { tls, clock } = await setUp({ attempt: async () => ({ verdict: 'rejected', reason: 'secret' }) });
  const client = dialTls(tls);
  client.send('a LOGIN joe wrong\r\n');
  await client.sees('ready.\r\n');
  await settle();
  expect(client.all()).not.toContain('a NO');
  clock.advance(2_000);
  await client.sees('a NO [AUTHENTICATIONFAILED]');
  client.send('b NOOP\r\n');
  await client.sees('b OK');
});

test('no verdict in time, a failing home: unavailable', async () => {
  const silentSignIn = await setUp({ attempt: () => new Promise(() => {}) });
  const client = dialTls(silentSignIn.tls);
  client.send('a LOGIN joe pw\r\n');
  await client.sees('ready.\r\n');
  await settle();
  silentSignIn.clock.advance(15_000);
  await client.sees('a NO [UNAVAILABLE]');

  const { tls, trusted, home, clock, workers } = await setUp({ replay: true });
  trusted.close();
  const other = dialTls(tls);
  other.send('a LOGIN joe pw\r\n');
  const platform = await home.next(); // the next entrance
  expect(await platform.sees('\r\n')).toContain('LOGIN "joe@example.net" "pw"');
  platform.send(`${platform.all().split(' ')[0]} NO [AUTHENTICATIONFAILED] no\r\n`);
  await platform.ended();
  await settle();
  clock.advance(2_000);
  await other.sees('a NO [UNAVAILABLE]');
  expect(workers.sessions()).toBe(0);
  platform.socket.destroy();
});

test('a hold: busy while dialling, then frozen from the first command on, cut, and gone', async () => {
  const { tls, trusted, workers, clock } = await setUp();
  const client = dialTls(tls);
  client.send('a LOGIN joe pw\r\nb NOOP\r\n');
  const platform = await trusted.next();
  const said = await platform.sees('\r\n');
  const first = workers.participant.freeze(7, 1, 2_000);
  await settle();
  clock.advance(2_000);
  expect(await first).toBe('busy');
  workers.participant.thaw(7);
  const second = workers.participant.freeze(7, 2, 2_000);
  await settle();
  platform.send(`${said.split(' ')[0]} ${INSIDE}`);
  expect(await second).toBe('quiet');
  await client.sees('Signed in.\r\n');
  const cut = workers.participant.cut(7);
  await client.sees('* BYE This connection is over.');
  await platform.sees('BYE1 LOGOUT\r\n');
  platform.socket.end();
  await cut;
  expect([platform.all().includes('NOOP'), workers.sessions()]).toEqual([false, 0]);
});

test('thawed, nobody noticed', async () => {
  const { tls, trusted, workers } = await setUp();
  const client = dialTls(tls);
  client.send('a LOGIN joe pw\r\n');
  const platform = await letIn(trusted);
  await client.sees('Signed in.\r\n');
  expect(await workers.participant.freeze(7, 1, 2_000)).toBe('quiet');
  client.send('b NOOP\r\n');
  await settle();
  workers.participant.thaw(7);
  await platform.sees('b NOOP\r\n');
  platform.send('b OK\r\n');
  await client.sees('b OK\r\n');
});

test('a client that goes while its home is dialled leaves no session, and no connection', async () => {
  const { tls, trusted, workers } = await setUp();
  const client = dialTls(tls);
  client.send('a LOGIN joe pw\r\n');
  const platform = await trusted.next();
  await platform.sees('\r\n');
  client.socket.destroy();
  await platform.ended();
  platform.socket.destroy();
  await settle();
  expect(workers.sessions()).toBe(0);
});

test('over the cap there is a goodbye, on either port; close ends what is open', async () => {
  const { tls, clear, trusted, worker } = await setUp({ connectionLimit: 1 });
  const client = dialTls(tls);
  client.send('a LOGIN joe pw\r\n');
  const platform = await letIn(trusted);
  await client.sees('Signed in.\r\n');
  const [second, third] = [dialTls(tls), dialClear(clear)];
  await second.sees('* BYE [UNAVAILABLE] ');
  await third.sees('* BYE [UNAVAILABLE] ');
  await second.ended();
  const closing = worker.close();
  await client.sees('* BYE The server is going down.');
  await platform.sees('LOGOUT\r\n');
  platform.socket.end();
  await closing;
  await client.ended();
});

/** Advances a clock that stands, step by step, until the work is done. */
async function whilePassing(clock: ReturnType<typeof manualClock>, stepMs: number, work: Promise<unknown>): Promise<number> {
  let done = false;
  void work.finally(() => (done = true));
  const from = clock.monotonic();
  while (!done) {
    await settle();
    if (!done) clock.advance(stepMs);
  }
  return clock.monotonic() - from;
}

test('without its parent it answers who waits and whose refusal is held back, lets a command end, and is done within a second', async () => {
  const rejected: Verdict = { verdict: 'rejected', reason: 'secret' };
  const attempt: SignIn = async ({ login }, register) => {
    if (login === 'waits') return new Promise(() => {});
    if (login === 'wrong') return rejected;
    register(7);
    return ACCEPTED;
  };
  const { clock, worker, trusted, tls } = await setUp({ attempt });
  const [waits, wrong, busy, late] = [dialTls(tls), dialTls(tls), dialTls(tls), dialTls(tls)];
  for (const each of [waits, wrong, busy, late]) await each.sees('IMAP ready.\r\n');
  waits.send('a LOGIN waits pw\r\n');
  wrong.send('a LOGIN wrong pw\r\n');
  busy.send('a LOGIN joe pw\r\n');
  const platform = await letIn(trusted);
  await busy.sees('a OK');
  busy.send('b FETCH 1 BODY[]\r\n');
  await platform.sees('b FETCH');
  await settle();
  const parting = worker.farewell();
  clock.advance(1);
  busy.send('c NOOP\r\n');
  await waits.sees('a NO [UNAVAILABLE]');
  await wrong.sees('a NO [AUTHENTICATIONFAILED]');
  late.send('a LOGIN joe pw\r\n');
  await late.sees('a NO [UNAVAILABLE]');
  platform.send('b OK done\r\n');
  await busy.sees('b OK done\r\n');
  await busy.sees('* BYE The server is going down. Please connect again.\r\n');
  expect(await whilePassing(clock, 10, parting)).toBeLessThanOrEqual(1_000);
  expect(platform.all()).not.toContain('c NOOP');
});

test('another worker has its ports: a session ends when nothing of its client is under way, in a hold not at all, and at the end as it is', async () => {
  const { clock, worker, workers, trusted, tls } = await setUp();
  const signedIn = async (): Promise<{ client: Peer; platform: Peer }> => {
    const client = dialTls(tls);
    await client.sees('IMAP ready.\r\n');
    client.send('a LOGIN joe pw\r\n');
    const platform = await letIn(trusted);
    await client.sees('a OK');
    return { client, platform };
  };
  const [one, other] = [await signedIn(), await signedIn()];
  one.client.send('b FETCH 1 BODY[]\r\n');
  await one.platform.sees('b FETCH');
  const retiring = worker.retire(60_000);
  clock.advance(1);
  // `random` is 0: everybody's turn comes at once.
  await other.client.sees('* BYE The server is going down. Please connect again.\r\n');
  await other.platform.sees('LOGOUT\r\n');
  other.platform.socket.end();
  await settle();
  expect(one.client.all()).not.toContain('* BYE');
  // Its command outlasts the first try, and then a hold has the session.
  for (let n = 0; n < 5; n += 1) {
    clock.advance(500);
    await settle();
  }
  const frozen = workers.participant.freeze(7, 1, 2_000);
  await settle();
  one.platform.send('b OK done\r\n');
  expect(await frozen).toBe('quiet');
  one.client.send('c NOOP\r\n');
  for (let n = 0; n < 10; n += 1) {
    clock.advance(500);
    await settle();
  }
  expect(one.client.all()).not.toContain('* BYE');
  expect(one.platform.all()).not.toContain('c NOOP');
  workers.participant.thaw(7);
  await one.platform.sees('c NOOP\r\n');
  // It is not answered: at the end of the time the session ends as it is.
  const took = whilePassing(clock, 500, retiring.then(() => one.platform.socket.end()));
  await one.client.sees('* BYE The server is going down. Please connect again.\r\n');
  await one.platform.sees('LOGOUT\r\n');
  one.platform.socket.end();
  expect(await took).toBeLessThanOrEqual(60_000);
});
