/**
 * A listening TCP socket with a cap on its connections.
 *
 * Invariants: a connection over the cap is handed to `onOverflow` (a short goodbye) and never to `onSocket`; closing
 * stops accepting and leaves the open connections to their owners.
 */
import { createServer, type Socket } from 'node:net';
import { CausewayError } from '#errors/index.ts';

export type ListenOptions = {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Lets several processes listen on the port (Linux SO_REUSEPORT): 47-51 us of CPU a connection, node:cluster 104-114. */
  readonly reusePort?: boolean;
  readonly maxConnections: number;
  readonly onSocket: (socket: Socket) => void;
  readonly onOverflow?: (socket: Socket) => void;
};

export type Listening = { readonly port: number; close(): Promise<void> };

/** @throws CausewayError `config` when the address cannot be had, naming it */
export function listen(options: ListenOptions): Promise<Listening> {
  let open = 0;
  const server = createServer({ noDelay: true, keepAlive: true, pauseOnConnect: false }, (socket) => {
    // A socket that dies before its owner listens must not end the process.
    socket.on('error', () => {});
    if (open >= options.maxConnections) {
      if (options.onOverflow) options.onOverflow(socket);
      else socket.destroy();
      return;
    }
    open += 1;
    socket.once('close', () => {
      open -= 1;
    });
    options.onSocket(socket);
  });
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(listenError(options, cause)));
    // 1,024: a wave of clients that come back together waits in the kernel instead of being refused.
    server.listen({ host: options.host, port: options.port, reusePort: options.reusePort ?? false, backlog: 1024 }, () => {
      const address = server.address();
      if (address === null || typeof address === 'string') return reject(new CausewayError('internal', 'no port'));
      resolve({
        port: address.port,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            // server.close waits for connections too; ours belong to sessions that end by themselves.
            done();
          }),
      });
    });
  });
}

function listenError(options: ListenOptions, cause: NodeJS.ErrnoException): CausewayError {
  const place = `${options.host}:${options.port}`;
  if (cause.code === 'EADDRINUSE') {
    return new CausewayError('config', 'the port is in use by another process', {
      place,
      remedy: `Find it with: ss -ltnp 'sport = :${options.port}'. Then stop it, or give another port under "listen".`,
      cause,
    });
  }
  if (cause.code === 'EACCES') {
    return new CausewayError('config', 'this user may not listen on the port', {
      place,
      remedy: 'Ports below 1024 need CAP_NET_BIND_SERVICE (systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE).',
      cause,
    });
  }
  return new CausewayError('config', `cannot listen: ${cause.message}`, { place, remedy: 'Check "listen" in the configuration.', cause });
}
