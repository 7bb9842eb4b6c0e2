/**
 * Opening an IMAP connection: TCP, TLS, the greeting, STARTTLS, the capabilities.
 *
 * Invariants: with `starttls` not a byte of the unencrypted part is believed afterwards: its capabilities are forgotten,
 * bytes that came between its OK and TLS are an attack (CVE-2011-0411), and a server that will not begin TLS, or says
 * that we are signed in already, is left. One deadline covers all of it.
 */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { CausewayError, messageOf } from '#errors/index.ts';
import { type Clock, NEEDLESS } from '#events/clock.ts';
import { createConnection, type ImapConnection } from './connection.ts';
import { createEngine, type Engine, type EngineOptions } from './engine/engine.ts';

export type { ImapConnection } from './connection.ts';

export type Endpoint = {
  readonly host: string;
  readonly port: number;
  readonly tls: 'implicit' | 'starttls' | 'plain';
  /** PEM, instead of the system's authorities. */
  readonly ca?: string;
  /** The name that the certificate must have, where it is not `host`. */
  readonly servername?: string;
};

export type ConnectOptions = {
  readonly clock: Clock;
  /** For everything until the capabilities are known. */
  readonly connectMs: number;
  /** Silence of the server that is borne while a command is in flight. Progress of a long literal is no silence. */
  readonly commandMs: number;
  /** Ends the opening; an open connection takes no notice of it. */
  readonly signal?: AbortSignal;
  /** Called right before each write to the socket, in the same turn. When it throws nothing is written any more. */
  readonly beforeWrite?: () => void;
};

/** Rejects with CausewayError 'unavailable', 'protocol', 'aborted' (by `signal`), or what `beforeWrite` threw. */
export async function connect(endpoint: Endpoint, options: ConnectOptions): Promise<ImapConnection> {
  const place = `${endpoint.host}:${endpoint.port}`;
  const { clock, connectMs, signal } = options;
  const opening: Opening = { sockets: [] };
  const stop = Promise.withResolvers<never>();
  const onAbort = (): void => stop.reject(new CausewayError('aborted', 'connecting was given up', { place }));
  const timer = new AbortController();
  clock.sleep(connectMs, timer.signal).then(
    () => stop.reject(new CausewayError('unavailable', `no IMAP session within ${connectMs} ms`, { place })),
    () => {}, // it was in time
  );
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const opened = open(endpoint, { clock, commandMs: options.commandMs, beforeWrite: options.beforeWrite, place }, opening);
  try {
    return createConnection(await Promise.race([opened, stop.promise]), clock);
  } catch (error) {
    opening.ended = true;
    for (const socket of opening.sockets) socket.destroy();
    opened.catch(() => {}); // it fails now, if it has not
    throw error;
  } finally {
    timer.abort(NEEDLESS);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** What must be destroyed when the opening is given up. */
type Opening = { readonly sockets: Socket[]; ended?: true };

async function open(endpoint: Endpoint, options: EngineOptions, opening: Opening): Promise<Engine> {
  let engine = createEngine(await dial(endpoint, options.place, opening), options);
  const greeting = await engine.greeting();
  if (endpoint.tls === 'starttls') {
    if (greeting.status === 'PREAUTH') {
      throw new CausewayError('protocol', 'the server says that we are signed in, before TLS', { place: options.place });
    }
    engine = createEngine(await startTls(engine, endpoint, opening), options);
  }
  if (endpoint.tls === 'starttls' || engine.capabilities.size === 0) {
    await engine.command({ name: 'CAPABILITY', parts: ['CAPABILITY'] });
  }
  return engine;
}

async function startTls(engine: Engine, endpoint: Endpoint, opening: Opening): Promise<Socket> {
  await engine.command({ name: 'STARTTLS', parts: ['STARTTLS'], handsOver: true });
  const { socket, rest } = engine.detach();
  if (rest.length > 0) {
    throw new CausewayError('protocol', 'bytes between STARTTLS and TLS: somebody injects them', { place: engine.place });
  }
  return secure(endpoint, engine.place, opening, socket);
}

function dial(endpoint: Endpoint, place: string, opening: Opening): Promise<Socket> {
  if (endpoint.tls === 'implicit') return secure(endpoint, place, opening);
  const socket = connectTcp({ host: endpoint.host, port: endpoint.port });
  return ready(socket, 'connect', place, opening);
}

/** TLS over `socket`, or over a new one. */
function secure(endpoint: Endpoint, place: string, opening: Opening, socket?: Socket): Promise<Socket> {
  const { host, port, ca } = endpoint;
  // RFC 6066 section 3: no server name indication for an address.
  const servername = endpoint.servername ?? (isIP(host) === 0 ? host : undefined);
  const tls = connectTls({ host, port, ca, servername, socket, minVersion: 'TLSv1.2' });
  return ready(tls, 'secureConnect', place, opening);
}

function ready(socket: Socket, event: 'connect' | 'secureConnect', place: string, opening: Opening): Promise<Socket> {
  opening.sockets.push(socket);
  return new Promise((resolve, reject) => {
    const fail = (cause?: unknown): void => {
      const why = cause === undefined ? 'closed' : messageOf(cause);
      reject(new CausewayError('unavailable', `cannot connect: ${why}`, { place, cause }));
    };
    const onClose = (): void => fail();
    // Stays: an error without a listener would end the process.
    socket.on('error', fail);
    socket.once('close', onClose);
    socket.once(event, () => {
      socket.off('close', onClose);
      if (opening.ended) socket.destroy();
      // Commands are small and wait for nothing: Nagle's algorithm would hold them back.
      socket.setNoDelay(true);
      // An idling connection sends nothing for minutes; a peer that is gone must show some day.
      socket.setKeepAlive(true, 60_000);
      resolve(socket);
    });
  });
}
