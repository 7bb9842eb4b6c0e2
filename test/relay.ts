/**
 * The way to a store for a scenario: a TCP relay that can be cut, or hang, while the store itself lives.
 *
 * Invariant: bytes pass unchanged and in order, or not at all.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type NetConnectOpts, type Socket } from 'node:net';

export type Relay = {
  readonly port: number;
  /** Ends all connections, and each new one at once. */
  cut(): void;
  /** Lets nothing through any more; connections stay open, and new ones are taken and hear nothing. */
  hang(): void;
  /** Lets everything through again. What hung goes on where it stood. */
  mend(): void;
  close(): void;
};

export async function openRelay(to: NetConnectOpts): Promise<Relay> {
  let state: 'open' | 'cut' | 'hanging' = 'open';
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((near) => {
    near.on('error', () => {});
    if (state === 'cut') return void near.destroy();
    const far = connect(to);
    far.on('error', () => {});
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [one, other] of [[near, far], [far, near]] as const) {
      one.on('data', (chunk: Buffer) => void other.write(chunk));
      one.on('close', () => {
        pairs.delete(pair);
        other.destroy();
      });
    }
    if (state === 'hanging') for (const socket of pair) socket.pause();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      state = 'cut';
      for (const pair of pairs) for (const socket of pair) socket.destroy();
    },
    hang() {
      state = 'hanging';
      for (const pair of pairs) for (const socket of pair) socket.pause();
    },
    mend() {
      state = 'open';
      for (const pair of pairs) for (const socket of pair) socket.resume();
    },
    close() {
      server.close();
      for (const pair of pairs) for (const socket of pair) socket.destroy();
    },
  };
}
