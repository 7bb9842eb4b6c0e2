/**
 * An HTTP server on one of our listeners.
 *
 * Invariants: head, time and connections are capped before anything of a request is looked at; the body is capped by
 * the app (`app.ts`). No answer of an app can end the process. Closing lets the requests that run finish, for a while.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { type Clock, NEEDLESS } from '#events/clock.ts';
import { listen } from '#net/listen.ts';
import { type NetworkList, plainAddress } from '#net/networks.ts';
import { takeProxyHeader } from '#net/proxy-header.ts';
import type { TlsContexts } from '#net/tls-contexts.ts';

/** Browsers send 1 to 2 KB; nginx's auth_http a password of 1,024 bytes, three times as long when escaped, and a name. */
const HEAD_LIMIT = 16 * 1024;
/** From the first byte to the end of the head: a phone on a bad network takes two. */
const HEAD_MS = 10_000;
/** From the first byte to the end of the body, which is small. */
const REQUEST_MS = 30_000;
/** Between two requests: browsers ask for what a page needs within one. */
const KEEP_ALIVE_MS = 5_000;
/** In which nothing is read of an answer or written of a request. */
const IDLE_MS = 60_000;
/** Of one machine's clients and a crowd of browsers; each costs some 20 KB. */
const CONNECTIONS = 2_000;
/** A request waits for sign-in 10 s at most. */
const CLOSE_MS = 12_000;

export type Fetch = (request: Request, bindings: HttpBindings) => Response | Promise<Response>;

export type HttpServer = { readonly port: number; close(): Promise<void> };

/** @throws CausewayError `config` when the address cannot be had */
export async function openHttpServer(options: {
  readonly host: string;
  readonly port: number;
  /** Undefined: in clear. */
  readonly tls: TlsContexts | undefined;
  /** Those that must say in a PROXY header whom they speak for. */
  readonly proxies?: NetworkList | undefined;
  /** Those over it are closed. */
  readonly maxConnections?: number;
  readonly fetch: Fetch;
  readonly clock: Clock;
}): Promise<HttpServer> {
  const { host, port, tls, proxies, fetch, clock } = options;
  const server = createServer(
    { maxHeaderSize: HEAD_LIMIT, headersTimeout: HEAD_MS, requestTimeout: REQUEST_MS, keepAliveTimeout: KEEP_ALIVE_MS, connectionsCheckingInterval: HEAD_MS / 2 },
    // What an app throws is its own to answer; an aborted request throws here.
    getRequestListener((request, bindings) => fetch(request, bindings as HttpBindings), { overrideGlobalObjects: false, errorHandler: () => new Response(null, { status: 500 }) }),
  );
  server.timeout = IDLE_MS;
  const listening = await listen({
    host,
    port,
    maxConnections: options.maxConnections ?? CONNECTIONS,
    onSocket: (socket) => void arrive(socket),
  });

  async function arrive(raw: Socket): Promise<void> {
    let address = plainAddress(raw.remoteAddress ?? 'unknown');
    if (proxies?.has(address) === true) {
      const time = new AbortController();
      clock.sleep(HEAD_MS, time.signal).then(() => time.abort(), () => {});
      try {
        address = (await takeProxyHeader(raw, time.signal))?.address ?? address;
      } catch {
        return void raw.destroy();
      } finally {
        time.abort(NEEDLESS);
      }
    }
    const socket = tls === undefined ? raw : secured(raw, tls);
    origins.set(socket, address);
    server.emit('connection', socket);
    // Paused, with what came behind the PROXY header put back: the parser listens, and does not resume it.
    if (tls === undefined) raw.resume();
  }
  return {
    port: listening.port,
    async close() {
      await listening.close();
      const over = new AbortController();
      const closed = new Promise((resolve) => void server.close(resolve));
      server.closeIdleConnections();
      await Promise.race([closed, clock.sleep(CLOSE_MS, over.signal).catch(() => {})]);
      over.abort(NEEDLESS);
      server.closeAllConnections();
    },
  };
}

function secured(socket: Socket, { main, named }: TlsContexts): TLSSocket {
  const SNICallback = named === undefined ? undefined : (name: string, done: (error: Error | null, chosen?: SecureContext) => void): void => done(null, named(name));
  const wrapped = new TLSSocket(socket, { isServer: true, secureContext: main(), SNICallback });
  // Without a tls.Server Node reports a failed handshake only here.
  wrapped.on('_tlsError', () => wrapped.destroy());
  wrapped.on('error', () => {});
  return wrapped;
}

/** Where the connections that are open come from. */
const origins = new WeakMap<Socket, string>();

/** The address that a request came from. */
export function addressOf({ incoming }: { readonly incoming: Pick<IncomingMessage, 'socket'> }): string {
  return origins.get(incoming.socket) ?? 'unknown';
}
