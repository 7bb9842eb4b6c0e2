/**
 * For tests: a gateway worker with its parent's side, before a platform of the test's own, and clients that dial it.
 *
 * The channel between the two keeps messages in order, copies them, and delivers none in the turn that sent it. Sockets,
 * servers and what else is given to `afterwards` are gone after each test, the folder with the certificate after all.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectTcp, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type SecureContext } from 'node:tls';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { PlatformConfig } from '#config/index.ts';
import { silent } from '#events/index.ts';
import { createManualClock, type ManualClock } from '#events/manual-clock.testing.ts';
import { ensureSelfSigned, secureContext } from '#net/certificate.ts';
import type { Attempt, MailProtocol, Verdict } from '#signin/verdict.ts';
import type { Port } from './connection.ts';
import { createInHolds } from './in-holds.ts';
import type { FromWorker, Saw, ToWorker } from './messages.ts';
import { createPeer, type Listener, listenForPeers, type Peer } from './peers.testing.ts';
import { createGatewayWorker, type GatewayWorker, type WorkerOptions } from './worker.ts';
import { createGatewayWorkers, type FindUidls, type GatewayWorkers, type SignInAttempt } from './workers.ts';

export const JOE = 'joe@example.net';
export const ACCEPTED: Verdict = { verdict: 'accepted', accountId: 7, address: JOE, home: 'old' };

let context: SecureContext;
const cleanUps: (() => void)[] = [];

/**
 * To be called once at the top of a test file, since hooks belong to the file that registers them.
 * @returns a folder, for whatever the tests keep on disk
 */
export function useWorkers(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-'));
  beforeAll(async () => {
    context = secureContext(await ensureSelfSigned(folder, ['localhost']));
  });
  afterEach(() => {
    for (const cleanUp of cleanUps.splice(0)) cleanUp();
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  return folder;
}

export function afterwards(cleanUp: () => void): void {
  cleanUps.push(cleanUp);
}

export type WorkerWorld = {
  readonly clock: ManualClock;
  readonly workers: GatewayWorkers;
  readonly worker: GatewayWorker;
  /** What sign-in was asked. */
  readonly attempts: readonly Attempt[];
  /** Accounts of which it was told that they have too many connections. */
  readonly crowded: readonly number[];
  /** What the desk was told of. */
  readonly saw: readonly Saw[];
  readonly ports: Readonly<Record<Port, number>>;
  /** Connects to the port with implicit TLS, speaking it. */
  dial(): Peer;
  /** Connects without TLS; to either port. */
  dialClear(port?: Port): Peer;
};

export type WorkerParts = {
  readonly protocol: MailProtocol;
  /** Of the platform `old`, what the worker reads. */
  readonly platform: object;
  readonly connect: WorkerOptions['connect'];
  /** Default: every secret is right. */
  readonly attempt?: SignInAttempt | undefined;
  readonly judgeable?: boolean | undefined;
  readonly uidls?: FindUidls | undefined;
  readonly connectionLimit?: number | undefined;
};

export async function startWorker({ protocol, platform, connect, attempt = async (_, register) => (register(7), ACCEPTED), judgeable = true, uidls, connectionLimit = 100 }: WorkerParts): Promise<WorkerWorld> {
  const clock = createManualClock();
  const attempts: Attempt[] = [];
  const crowded: number[] = [];
  const saw: Saw[] = [];
  const platforms = { old: platform as PlatformConfig };
  const workers = createGatewayWorkers({
    attempt: (presented, register, signal) => (attempts.push(presented), attempt(presented, register, signal)),
    couldJudge: () => judgeable,
    ...(uidls === undefined ? {} : { uidls }),
    inHolds: createInHolds(platforms),
    onCrowded: (accountId) => void crowded.push(accountId),
    onSaw: (one) => void saw.push(one),
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
  const worker = createGatewayWorker({
    channel: {
      send: (message) => void setImmediate(() => toServe(structuredClone(message))),
      onMessage: (callback) => void (toWorker = callback),
    },
    platforms,
    connect,
    secureContext: () => context,
    clock,
    emit: silent,
    random: () => 0,
    connectionLimit,
  });
  const open = async (port: Port): Promise<number> => {
    const server = createServer((socket) => worker.accept(socket, port, undefined, protocol)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    afterwards(() => server.close());
    return (server.address() as AddressInfo).port;
  };
  const ports = { clear: await open('clear'), tls: await open('tls') };
  return {
    clock,
    workers,
    worker,
    attempts,
    crowded,
    saw,
    ports,
    dial: () => client(createPeer(connectTls({ port: ports.tls, host: '127.0.0.1', rejectUnauthorized: false }))),
    dialClear: (port = 'clear') => client(createPeer(connectTcp(ports[port], '127.0.0.1'))),
  };
}

function client(peer: Peer): Peer {
  afterwards(() => peer.socket.destroy());
  return peer;
}

/** Goes on in TLS on a connection that has said its STARTTLS; what was read of it so far is no more to be seen. */
export function goOnInTls({ socket }: Peer): Peer {
  return createPeer(connectTls({ socket, rejectUnauthorized: false }));
}

/** A scripted platform: each connection to it is a peer, who has said `greeting`. */
export async function scripted(greeting: string): Promise<Listener> {
  const listener = await listenForPeers(greeting);
  afterwards(() => listener.close());
  return listener;
}

/** The next connection to a scripted platform. */
export async function meet(listener: Listener): Promise<Peer> {
  return client(await listener.next());
}
