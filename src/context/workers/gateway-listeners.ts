/**
 * The ports of a gateway worker, which it opens itself or takes on from the worker whose place it has.
 *
 * Invariant: a listening socket is in one hand at least until the instance stops: what waits in it is never reset.
 */
import type { Server, Socket } from 'node:net';
import { adopt, listen, type Listening, type ListenOptions } from '#net/listen.ts';

export type Listeners = {
  /** Opens those that are not here. @throws CausewayError `config` */
  open(): Promise<void>;
  /** Takes on one that another worker had. One that is not in the configuration any more is closed. */
  take(name: string, server: Server): void;
  /** Takes a connection that came while its port was on the way. */
  accept(name: string, socket: Socket): void;
  /** Gives all away. @param send resolves when the socket is on its way */
  handOver(send: (name: string, server: Server) => Promise<void>): Promise<void>;
  close(): Promise<void>;
};

export function createListeners(options: ReadonlyMap<string, ListenOptions>): Listeners {
  const here = new Map<string, Listening>();
  return {
    async open() {
      for (const [name, each] of options) if (!here.has(name)) here.set(name, await listen(each));
    },
    take(name, server) {
      const each = options.get(name);
      if (each === undefined || here.has(name)) server.close();
      else here.set(name, adopt(server, each));
    },
    accept(name, socket) {
      const each = options.get(name);
      socket.on('error', () => {});
      if (each === undefined) socket.destroy();
      else each.onSocket(socket);
    },
    async handOver(send) {
      for (const [name, listening] of here) {
        here.delete(name);
        await listening.handOver((server) => send(name, server));
      }
    },
    async close() {
      await Promise.all([...here.values()].map((listening) => listening.close()));
    },
  };
}
