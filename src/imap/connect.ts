/**
 * Opening an IMAP connection: TCP, TLS, the greeting, STARTTLS, the capabilities.
 *
 * Invariants: with `starttls` not a byte of the unencrypted part is believed afterwards: its capabilities are forgotten,
 * bytes that came between its OK and TLS are an attack (CVE-2011-0411), and a server that will not begin TLS, or says
 * that we are signed in already, is left. One deadline covers all of it.
 */
import type { Socket } from 'node:net';
import { CausewayError } from '#errors/index.ts';
import { type Clock, NEEDLESS } from '#events/clock.ts';
import { type Endpoint, openSocket, openTls } from '#net/endpoint.ts';
import { createConnection, type ImapConnection } from './connection.ts';
import { createEngine, type Engine, type EngineOptions } from './engine/engine.ts';

export type { ImapConnection } from './connection.ts';
export type { Endpoint } from '#net/endpoint.ts';

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

function enlist(socket: Socket, opening: Opening): void {
  opening.sockets.push(socket);
  if (opening.ended) socket.destroy();
}

async function open(endpoint: Endpoint, options: EngineOptions, opening: Opening): Promise<Engine> {
  let engine = createEngine(await openSocket(endpoint, (socket) => enlist(socket, opening)), options);
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
  return openTls(endpoint, (inside) => enlist(inside, opening), socket);
}
