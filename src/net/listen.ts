/**
 * A listening TCP socket with a cap on its connections.
 *
 * Invariants: a connection over the cap is handed to `onOverflow` (a short goodbye) and never to `onSocket`; closing
 * stops accepting and leaves the open connections to their owners.
 */
import { createServer, type Server, type Socket } from 'node:net';
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

export type Listening = {
  readonly port: number;
  close(): Promise<void>;
  /**
   * Has the socket sent to another process, and lets go of it here. It never closes on the way: with SO_REUSEPORT the
   * kernel resets what waits in a closed socket's queue, and so do connections whose handshake is under way.
   * @param send resolves when it is on its way
   */
  handOver(send: (server: Server) => Promise<void>): Promise<void>;
};

type Taking = Pick<ListenOptions, 'maxConnections' | 'onSocket' | 'onOverflow'>;

/** Hands on what a listening socket accepts. */
function taker(options: Taking): (socket: Socket) => void {
  let open = 0;
  return (socket) => {
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
  };
}

/** Takes on a listening socket that another process handed over. */
export function adopt(server: Server, options: Taking): Listening {
  server.on('connection', taker(options));
  return listening(server);
}

/** @throws CausewayError `config` when the address cannot be had, naming it */
export function listen(options: ListenOptions): Promise<Listening> {
  const server = createServer({ noDelay: true, keepAlive: true, pauseOnConnect: false }, taker(options));
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(listenError(options, cause)));
    // A wave of clients that come back together waits in the kernel: one that finds no room there comes again only after 1 s,
    // then 3 s. The kernel takes net.core.somaxconn at most, which is 4,096 since Linux 5.4.
    server.listen({ host: options.host, port: options.port, reusePort: options.reusePort ?? false, backlog: 4096 }, () => {
      try {
        resolve(listening(server));
      } catch (error) {
        reject(error);
      }
    });
  });
}

function listening(server: Server): Listening {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new CausewayError('internal', 'no port');
  return {
    port: address.port,
    // Its callback would wait for connections too; ours belong to sessions that end by themselves.
    close: async () => void server.close(),
    async handOver(send) {
      await send(server);
      server.close();
    },
  };
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
