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
import { addUser, createPlatform, type Platform } from '#practice/index.ts';
import { connect as connectSieve } from '#sieve/connect.ts';
import type { Attempt, Verdict } from '#signin/verdict.ts';
import { encodePlain } from '#wire/sasl.ts';
import type { FromWorker, ToWorker } from '../messages.ts';
import { createPeer, type Listener, listenForPeers, manualClock, type Peer, settle } from '../peers.testing.ts';
import { createGatewayWorker } from '../worker.ts';
import { createGatewayWorkers } from '../workers.ts';

const JOE = 'joe@example.net';
const ACCEPTED: Verdict = { verdict: 'accepted', accountId: 7, address: JOE, home: 'old' };
const plain = (authcid: string, secret: string): string => encodePlain({ authcid, secret });
const SIGN_IN = `AUTHENTICATE "PLAIN" "${plain('joe', 'pw')}"\r\n`;

const folder = mkdtempSync(join(tmpdir(), 'gateway-sieve-'));
let context: SecureContext;
let practice: Platform;
beforeAll(async () => {
  context = secureContext(await ensureSelfSigned(folder, ['localhost']));
  writeFileSync(join(folder, 'token'), 't0p');
  addUser(join(folder, 'old'), JOE, 'pw');
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

async function setUp({ attempt = (async (_, register) => (register(7), ACCEPTED)) as SignIn, connectionLimit = 100, service = undefined as { port: number; trusted: number } | undefined } = {}) {
  const clock = manualClock();
  const attempts: Attempt[] = [];
  const workers = createGatewayWorkers({
    attempt: (presented, register) => (attempts.push(presented), attempt(presented, register)),
    couldJudge: () => true,
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
  const { port, trusted } = service ?? { port: practice.sievePort, trusted: practice.sieveTrustedPort };
  const platform = {
    imap: { host: '127.0.0.1', port: 1, tls: 'plain', trustedNetwork: true },
    sieve: { host: '127.0.0.1', port, tls: 'plain', trustedNetwork: true },
    entrances: [{ kind: 'trusted', port: 1, sievePort: trusted, secret: createSecret('t0p') }],
  } as unknown as PlatformConfig;
  const worker = createGatewayWorker({
    channel: {
      send: (message) => void setImmediate(() => toServe(structuredClone(message))),
      onMessage: (callback) => void (toWorker = callback),
    },
    platforms: { old: platform },
    connect: { imap: connectToHandOver, sieve: connectSieve },
    secureContext: () => context,
    clock,
    emit: silent,
    random: () => 0,
    connectionLimit,
  });
  const open = async (transport: 'clear' | 'tls'): Promise<number> => {
    const server = createServer((socket) => worker.accept(socket, transport, undefined, 'sieve')).listen(0, '127.0.0.1');
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
  const listener = await listenForPeers('OK "scripted"\r\n');
  cleanUps.push(() => listener.close());
  return { listener, service: { port: 1, trusted: listener.port } };
}

/** Plays the platform's side of a sign-in. */
async function letIn(listener: Listener, answer = 'OK "in"\r\n'): Promise<Peer> {
  const platform = await listener.next();
  cleanUps.push(() => platform.socket.destroy());
  await platform.sees(`AUTHENTICATE "PLAIN" "${plain(JOE, 't0p')}"\r\n`);
  platform.send(answer);
  return platform;
}

test('through practice: signs in by the trusted entrance, all of it pipelined, and sees the platform’s capabilities', async () => {
  const { dial, attempts, workers } = await setUp();
  const client = dial();
  client.send(`${SIGN_IN}CAPABILITY\r\nPUTSCRIPT "a" {5+}\r\nkeep;\r\nLISTSCRIPTS\r\nLOGOUT\r\n`);
  await client.sees('OK "ManageSieve ready."\r\nOK "Signed in."\r\n"IMPLEMENTATION" "Practice old"\r\n');
  expect(await client.sees('OK "That is all."\r\n')).not.toContain('SASL');
  await client.sees('OK "Stored."\r\n"a"\r\nOK "That is all."\r\nOK "Goodbye."\r\n');
  await client.ended();
  expect(attempts).toMatchObject([{ protocol: 'sieve', login: 'joe', secret: 'pw' }]);
  await settle();
  expect(workers.sessions()).toBe(0);
  expect(readFileSync(join(folder, 'old', 'access.log'), 'utf8')).toContain('"port":"sieve-trusted"');
});

test('STARTTLS: what was sent in clear behind it is never looked at, and the capabilities are said again', async () => {
  const { clear, attempts } = await setUp();
  const client = createPeer(connectTcp(clear, '127.0.0.1'));
  cleanUps.push(() => client.socket.destroy());
  await client.sees('OK "ManageSieve ready."\r\n');
  client.socket.removeAllListeners('data');
  client.send(`STARTTLS\r\n${SIGN_IN}`);
  await new Promise((resolve) => client.socket.once('data', resolve));
  const inside = createPeer(connectTls({ socket: client.socket, rejectUnauthorized: false }));
  expect(await inside.sees('OK "TLS is in use."\r\n')).toContain('"SASL" "PLAIN"\r\n');
  inside.send('NOOP "x"\r\n');
  expect(await inside.sees('\r\n')).toBe('OK (TAG "x") "Done."\r\n');
  expect(attempts).toEqual([]);
});

test('the replies: a plain NO only for a rejection, held back, on an open connection', async () => {
  const rejecting = await setUp({ attempt: async () => ({ verdict: 'rejected', reason: 'secret' }) });
  const client = rejecting.dial();
  client.send(SIGN_IN);
  await client.sees('ready."\r\n');
  await settle();
  expect(client.all()).not.toContain('NO ');
  rejecting.clock.advance(2_000);
  await client.sees('NO "Authentication failed: ');
  client.send('NOOP\r\n');
  await client.sees('OK "Done."\r\n');
  const down = await setUp({ attempt: async () => ({ verdict: 'unavailable', reason: 'verifier-down' }) });
  const other = down.dial();
  other.send(SIGN_IN);
  await other.sees('ready."\r\n');
  await settle();
  down.clock.advance(2_000);
  await other.sees('NO (TRYLATER) "Account is temporarily unavailable, service busy, please wait. Your password was not rejected."\r\n');
});

test('a platform that refuses, is busy, hangs up: unavailable, and no session stays', async () => {
  const { listener, service } = await scripted();
  const { dial, clock, workers } = await setUp({ service });
  for (const answer of ['NO "Authentication failed."\r\n', 'NO (TRYLATER)\r\n', 'BYE\r\n', 'HELLO\r\n']) {
    const client = dial();
    client.send(SIGN_IN);
    const platform = await letIn(listener, answer);
    await platform.ended();
    await settle();
    clock.advance(2_000);
    await client.sees('NO (TRYLATER) "Account is temporarily unavailable');
    client.socket.destroy();
  }
  await settle();
  expect(workers.sessions()).toBe(0);
});

test('a hold: frozen, cut with LOGOUT, the client told to come again; a script that waited is not stored at the source', async () => {
  const { listener, service } = await scripted();
  const { dial, workers } = await setUp({ service });
  const client = dial();
  client.send(SIGN_IN);
  const platform = await letIn(listener);
  await client.sees('OK "Signed in."\r\n');
  expect(await workers.participant.freeze(7, 1, 2_000)).toBe('quiet');
  client.send('PUTSCRIPT "a" {5+}\r\nkeep;\r\n');
  const cut = workers.participant.cut(7);
  await client.sees('BYE (TRYLATER) "This connection is over. Please connect again."\r\n');
  await platform.sees('LOGOUT\r\n');
  platform.socket.end();
  await cut;
  expect([platform.all().includes('PUTSCRIPT'), workers.sessions()]).toEqual([false, 0]);
});

test('over the cap there is a ManageSieve goodbye', async () => {
  const { dial } = await setUp({ connectionLimit: 1 });
  await dial().sees('ready."\r\n');
  const second = dial();
  await second.sees('BYE (TRYLATER) "Service is temporarily unavailable, please wait."\r\n');
  await second.ended();
});
