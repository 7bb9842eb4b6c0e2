/** For tests: both ends of a loopback connection, a peer that says what it is told, a clock that stands. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** The far end of a connection. */
export type Peer = {
  readonly socket: Socket;
  send(text: string): void;
  /** Waits until what came and was not yet taken contains `text`, and takes all up to its end. */
  sees(text: string): Promise<string>;
  /** Everything that came. */
  all(): string;
  /** Waits for the other side's end. */
  ended(): Promise<void>;
};

export function createPeer(socket: Socket): Peer {
  let all = '';
  let taken = 0;
  let over = false;
  let wake: () => void = () => {};
  const finish = (): void => {
    over = true;
    wake();
  };
  socket.on('data', (chunk: Buffer) => {
    all += chunk.toString('latin1');
    wake();
  });
  socket.on('end', finish);
  socket.on('close', finish);
  socket.on('error', () => {});
  const change = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  return {
    socket,
    send: (text) => void socket.write(text, 'latin1'),
    async sees(text) {
      for (;;) {
        const at = all.indexOf(text, taken);
        if (at >= 0) {
          const seen = all.slice(taken, at + text.length);
          taken = at + text.length;
          return seen;
        }
        if (over) throw new Error(`the connection ended without ${JSON.stringify(text)}; it said ${JSON.stringify(all.slice(taken))}`);
        await change();
      }
    },
    all: () => all,
    async ended() {
      for (;;) {
        if (over) return;
        await change();
      }
    },
  };
}

export type Listener = { readonly port: number; readonly server: Server; next(): Promise<Peer>; close(): void };

/** Listens on loopback and gives each connection as a peer. */
export async function listenForPeers(greet = ''): Promise<Listener> {
  const waiting: ((peer: Peer) => void)[] = [];
  const ready: Peer[] = [];
  const server = createServer((socket) => {
    const peer = createPeer(socket);
    if (greet !== '') peer.send(greet);
    const taker = waiting.shift();
    if (taker === undefined) ready.push(peer);
    else taker(peer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    server,
    next: () => new Promise((resolve) => {
      const peer = ready.shift();
      if (peer === undefined) waiting.push(resolve);
      else resolve(peer);
    }),
    close: () => void server.close(),
  };
}

/** Two ends of one connection: `near` for the code under test, `far` for the test. */
export async function connection(): Promise<{ near: Socket; far: Peer }> {
  const listener = await listenForPeers();
  const near = connect(listener.port, '127.0.0.1');
  await once(near, 'connect');
  near.setNoDelay(true);
  const far = await listener.next();
  listener.close();
  return { near, far };
}

/** Lets what is under way on loopback arrive: a round trip of an unrelated connection, a few times over. */
export async function settle(): Promise<void> {
  const { near, far } = await connection();
  for (let n = 0; n < 5; n += 1) {
    near.write('x');
    await far.sees('x');
  }
  near.destroy();
}
