/**
 * A gateway worker: takes connections, asks sign-in, runs sessions, and does its part in holds.
 *
 * Invariants: messages are handled in their order, each in the turn in which it comes. Connections are capped; one over
 * the cap gets a short goodbye, and one over that cap nothing.
 */
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { PlatformConfig } from '#config/index.ts';
import { namesOfOthers } from '#directory/platforms.ts';
import { type Clock, NEEDLESS } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import type { NetworkList } from '#net/networks.ts';
import { createNetworkCheck, type NetworkCheck } from '#signin/known-good/known-networks.ts';
import { replyFor } from '#signin/replies.ts';
import type { MailProtocol } from '#signin/verdict.ts';
import { createAddressLimit } from './address-limit.ts';
import { createAskJudgeable } from './ask-judgeable.ts';
import { createAskSignIn } from './ask-sign-in.ts';
import { createAskUidls } from './ask-uidls.ts';
import { type Connect, createDial } from './backend.ts';
import { clientAddress } from './client-address.ts';
import { type Port, serveConnection } from './connection.ts';
import { DIALECTS } from './dialect.ts';
import { shed } from './events.ts';
import { createDoor } from './door.ts';
import { createHoldAnswers } from './hold-answers.ts';
import { createHoldBack } from './hold-back.ts';
import type { FromWorker, Saw, ToWorker } from './messages.ts';
import { createInHolds } from './in-holds.ts';
import { createRegistry } from './registry.ts';
import { secure } from './tls.ts';

export type WorkerOptions = {
  /** To `serve`: the IPC channel. `send` must not throw. */
  readonly channel: { send(message: FromWorker): void; onMessage(callback: (message: ToWorker) => void): void };
  readonly platforms: Readonly<Record<string, PlatformConfig>>;
  readonly connect: Readonly<Partial<Record<MailProtocol, Connect>>>;
  /** Read at each handshake, so that a renewed certificate needs no restart. */
  readonly secureContext: () => SecureContext;
  /** For the host that a client names, where hosts have certificates of their own. */
  readonly secureContextFor?: (host: string) => SecureContext;
  readonly clock: Clock;
  readonly emit: Emit;
  /** 0 to 1, as Math.random; spreads refusals. */
  readonly random: () => number;
  /** Default CONNECTION_LIMIT. */
  readonly connectionLimit?: number;
  /** Connections of one address that have not signed in (default PER_ADDRESS), and the networks that are not counted. */
  readonly addressLimit?: { readonly perAddress?: number; readonly exempt?: readonly string[] };
};

export type GatewayWorker = {
  /** Serves an accepted connection. `proxies`: who must say by a PROXY header for whom it connected. `protocol`: IMAP by default. */
  accept(socket: Socket, port: Port, proxies?: NetworkList, protocol?: MailProtocol): void;
  /** Takes no more connections, and ends those that are open. The caller bounds the wait. */
  close(): Promise<void>;
  /**
   * Another worker has its ports: ends its sessions where nothing of their clients is under way, spread over `withinMs`.
   * Resolves when no connection is left; after `withinMs` those that wait for a verdict still get it, and the rest is
   * closed as it is. The caller bounds the wait.
   */
  retire(withinMs: number): Promise<void>;
  /**
   * Sign-in and the keeper of holds are gone. Answers who waits for a verdict, ends the sessions where nothing of their
   * clients is under way, and takes nobody any more. Resolves within FAREWELL_MS.
   */
  farewell(): Promise<void>;
  connections(): number;
  /** Accepted sign-ins whose back end is up, coming up or not yet ended. */
  sessions(): number;
};

/** A TLS session and its splice take about 100 KB: 1 GB, and 20,000 file descriptors with the back ends'. */
export const CONNECTION_LIMIT = 10_000;
/** Goodbyes under way; each may take a handshake. */
const GOODBYE_LIMIT = 100;
const GOODBYE_MS = 5_000;

/**
 * A worker without its parent. Thunderbird and neomutt count a connection that is dropped between a secret and its
 * answer as a wrong password, so there is an answer first. Far below the 2.5 s of silence that end a hold: nobody flips
 * meanwhile, since this instance is on the list and says nothing; and its next life ends us before it says a word.
 */
export const FAREWELL_MS = 1_000;
/** For the last words to be written, and to leave. */
const LAST_WORDS_MS = 100;
/** Of the time to retire in, the part over which sessions are spread; in the rest the busy ones find their moment. */
const SPREAD = 0.8;
const LOOK_MS = 100;

const GOING_DOWN = 'The server is going down. Please connect again.';

/** A morning's thousands of sessions say the same of a platform. */
const LET_IN_MS = 2_000;

function nowAndThen(tell: (saw: Saw) => void, clock: Clock): (saw: Saw) => void {
  const toldAt = new Map<string, number>();
  return (saw) => {
    if (saw.saw === 'let-in') {
      const now = clock.monotonic();
      if (now - (toldAt.get(saw.home) ?? -Infinity) < LET_IN_MS) return;
      toldAt.set(saw.home, now);
    }
    tell(saw);
  };
}

export function createGatewayWorker(options: WorkerOptions): GatewayWorker {
  const { channel, platforms, clock, emit } = options;
  const limit = options.connectionLimit ?? CONNECTION_LIMIT;
  const registry = createRegistry({ clock, onLeft: (id) => channel.send({ t: 'closed', id }) });
  const signIn = createAskSignIn({ send: (message) => channel.send(message), registry, inHolds: createInHolds(platforms), clock, emit });
  const judgeable = createAskJudgeable({ send: (message) => channel.send(message), clock });
  const uidls = createAskUidls({ send: (message) => channel.send(message), clock });
  const holdBack = createHoldBack(clock, options.random);
  const shared = {
    secureContext: options.secureContext,
    secureContextFor: options.secureContextFor,
    ask: signIn.ask,
    couldJudge: judgeable.ask,
    uidls: uidls.ask,
    dial: createDial({ platforms, connect: options.connect, clock, emit, onCrowded: (accountId) => channel.send({ t: 'crowded', accountId }) }),
    foreignName: namesOfOthers(platforms),
    holdBack,
    saw: nowAndThen((saw) => channel.send({ t: 'saw', saw }), clock),
    clock,
    emit,
  };
  const door = createDoor(clock);
  let networks: NetworkCheck | undefined;
  const addresses = createAddressLimit(options.addressLimit ?? {});
  const open = new Set<Socket>();
  let goodbyes = 0;
  let closing = false;

  const inHold = createHoldAnswers(registry, (message) => channel.send(message));

  channel.onMessage((message) => {
    switch (message.t) {
      case 'verdict':
        return signIn.receive(message.id, message.verdict);
      case 'judgeable':
        return judgeable.receive(message.id, message.judgeable);
      case 'uidls':
        return uidls.receive(message.id, message.uidls);
      case 'networks':
        networks = createNetworkCheck(message.networks);
        return;
      case 'late':
        return door.late(message.ms);
      case 'freeze':
      case 'cut':
      case 'thaw':
      case 'end':
        return inHold(message);
    }
  });

  async function sayGoodbye(socket: Socket, port: Port, protocol: MailProtocol): Promise<void> {
    const time = new AbortController();
    const inTime = clock.after(GOODBYE_MS, () => {
      time.abort(NEEDLESS);
      socket.destroy();
    });
    socket.once('close', inTime);
    try {
      const to = port === 'tls' ? await secure(socket, options.secureContext(), time.signal, options.secureContextFor) : socket;
      to.resume();
      to.end(`${replyFor({ verdict: 'unavailable', reason: 'overload' }, protocol, 'greeting').line}\r\n`);
    } catch {
      socket.destroy();
    }
  }

  /** One that is within the worker's cap. */
  async function receive(socket: Socket, port: Port, proxies: NetworkList | undefined, protocol: MailProtocol): Promise<void> {
    const origin = await clientAddress(socket, proxies, { clock, emit });
    if (origin === undefined || socket.destroyed) return;
    const known = networks?.knows(origin.address) ?? false;
    const { standing, leave } = addresses.enter(origin.address, known);
    socket.once('close', leave);
    if (standing === 'served') {
      const gone = new AbortController();
      const onClose = (): void => gone.abort(NEEDLESS);
      socket.once('close', onClose);
      const inside = await door.enter(known, gone.signal);
      socket.off('close', onClose);
      if (inside && !socket.destroyed) return serveConnection(socket, port, { origin, signedIn: () => signedIn(origin.address, leave) }, { ...shared, dialect: DIALECTS[protocol] });
      emit(shed, { reason: 'late' });
      socket.destroy();
      return;
    }
    emit(shed, { reason: 'address' });
    if (standing === 'told') await sayGoodbye(socket, port, protocol);
    else socket.destroy();
  }

  function signedIn(address: string, leave: () => void): void {
    leave();
    networks?.add(address);
  }

  async function close(): Promise<void> {
    closing = true;
    door.close();
    await registry.endAll(GOING_DOWN);
    for (const socket of open) socket.destroySoon();
  }

  return {
    accept(socket, port, proxies, protocol = 'imap') {
      socket.on('error', () => {});
      if (open.size < limit && !closing) {
        open.add(socket);
        socket.once('close', () => open.delete(socket));
        void receive(socket, port, proxies, protocol);
        return;
      }
      emit(shed, { reason: closing ? 'closing' : 'connections' });
      if (goodbyes >= GOODBYE_LIMIT) {
        socket.destroy();
        return;
      }
      goodbyes += 1;
      socket.once('close', () => {
        goodbyes -= 1;
      });
      void sayGoodbye(socket, port, protocol);
    },
    close,
    async retire(withinMs) {
      const until = clock.monotonic() + withinMs;
      void registry.retire({ text: GOING_DOWN, spreadMs: withinMs * SPREAD, withinMs, random: options.random });
      while (open.size > 0 && clock.monotonic() < until) await clock.sleep(LOOK_MS);
      holdBack.release();
      while (signIn.waiting() > 0) await clock.sleep(LOOK_MS);
      await clock.sleep(LAST_WORDS_MS);
      await close();
    },
    async farewell() {
      closing = true;
      door.close();
      signIn.orphan();
      judgeable.orphan();
      uidls.orphan();
      holdBack.release();
      const withinMs = FAREWELL_MS - 2 * LAST_WORDS_MS;
      const until = clock.monotonic() + withinMs;
      void registry.retire({ text: GOING_DOWN, spreadMs: 0, withinMs: withinMs - LAST_WORDS_MS, random: options.random });
      // Who is about to present a secret is answered too, so nobody is sent away who may be.
      while (open.size > 0 && clock.monotonic() < until) await clock.sleep(LAST_WORDS_MS / 10);
      // What a client still sends is read, since unread bytes would take our last words with them.
      for (const socket of open) socket.resume().end();
      while (open.size > 0 && clock.monotonic() < until + LAST_WORDS_MS) await clock.sleep(LAST_WORDS_MS / 10);
    },
    connections: () => open.size,
    sessions: () => registry.size,
  };
}
