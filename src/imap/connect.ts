/**
 * Opening an IMAP connection: TCP, TLS, the greeting, STARTTLS, the capabilities.
 *
 * Invariants: with `starttls` not a byte of the unencrypted part is believed afterwards: its capabilities are forgotten,
 * bytes that came between its OK and TLS are an attack (CVE-2011-0411), and a server that will not begin TLS, or says
 * that we are signed in already, is left. One deadline covers all of it.
 */
import type { Socket } from 'node:net';
import { CausewayError } from '#errors/index.ts';
import { type Endpoint, openSocket, openTls } from '#net/endpoint.ts';
import { type ConnectOptions as Opening, type OnSocket, openWithin, placeOf } from '#net/opening.ts';
import { createReadBuffer } from '#net/read-buffer.ts';
import { createConnection, type ImapConnection } from './connection.ts';
import { createEngine, type Engine, type EngineOptions } from './engine/engine.ts';

export type { ImapConnection } from './connection.ts';
export type { Endpoint } from '#net/endpoint.ts';

/** `commandMs` is the silence of the server that is borne while a command is in flight; progress of a long literal is no silence. */
export type ConnectOptions = Opening & {
  /** Called right before each write to the socket, in the same turn. When it throws nothing is written any more. */
  readonly beforeWrite?: () => void;
  /** For a connection that carries much: its bytes are read into the same memory again and again, and it is never handed over. */
  readonly bulk?: boolean;
  /** Large literals wait for the server's `+`, so that it can refuse one: some that take them at once (LITERAL+) end the session instead. */
  readonly asksFirst?: boolean;
};

/** Rejects with CausewayError 'unavailable', 'protocol', 'aborted' (by `signal`), or what `beforeWrite` threw. */
export async function connect(endpoint: Endpoint, options: ConnectOptions): Promise<ImapConnection> {
  const { clock, commandMs, beforeWrite, asksFirst } = options;
  // Neither where TLS is begun on an open connection, nor over one that began with a PROXY header.
  const reads = options.bulk === true && (endpoint.tls === 'plain' || (endpoint.tls === 'implicit' && endpoint.clientAddress !== 'proxy')) ? createReadBuffer() : undefined;
  const engineOptions = { clock, commandMs, beforeWrite, asksFirst, place: placeOf(endpoint), reads };
  return createConnection(await openWithin('IMAP session', endpoint, options, (onSocket) => open(endpoint, engineOptions, onSocket)), clock);
}

async function open(endpoint: Endpoint, options: EngineOptions, onSocket: OnSocket): Promise<Engine> {
  let engine = createEngine(await openSocket(endpoint, onSocket, options.reads), options);
  const greeting = await engine.greeting();
  if (endpoint.tls === 'starttls') {
    if (greeting.status === 'PREAUTH') {
      throw new CausewayError('protocol', 'the server says that we are signed in, before TLS', { place: options.place });
    }
    engine = createEngine(await startTls(engine, endpoint, onSocket), options);
  }
  if (endpoint.tls === 'starttls' || engine.capabilities.size === 0) {
    await engine.command({ name: 'CAPABILITY', parts: ['CAPABILITY'] });
  }
  return engine;
}

async function startTls(engine: Engine, endpoint: Endpoint, onSocket: OnSocket): Promise<Socket> {
  await engine.command({ name: 'STARTTLS', parts: ['STARTTLS'], handsOver: true });
  const { socket, rest } = engine.detach();
  if (rest.length > 0) {
    throw new CausewayError('protocol', 'bytes between STARTTLS and TLS: somebody injects them', { place: engine.place });
  }
  return openTls(endpoint, onSocket, socket);
}
