/** For tests: both ends of a loopback connection, a peer that says what it is told, a clock that stands, a platform. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Clock } from '#events/clock.ts';

export type ManualClock = Clock & { advance(ms: number): void };

/** A clock that stands until it is told. */
export function manualClock(): ManualClock {
  let time = 1_000_000;
  const sleepers = new Set<{ at: number; wake: () => void }>();
  return {
    now: () => time,
    monotonic: () => time,
    after(ms, act) {
      const sleeper = { at: time + ms, wake: act };
      sleepers.add(sleeper);
      return () => void sleepers.delete(sleeper);
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = { at: time + ms, wake: resolve };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        });
      }),
    advance(ms) {
      time += ms;
      for (const sleeper of sleepers) {
        if (sleeper.at > time) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
    },
  };
}

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

/** Answers commands as a mail platform would: literals, IDLE, LOGOUT; anything else is OK. `tags` lists what it ran. */
export function actAsPlatform(peer: Peer): { readonly ran: string[] } {
  const ran: string[] = [];
  let taken = 0;
  let idling: string | undefined;
  let command = '';
  let skip = 0;
  const act = (): void => {
    const all = peer.all();
    for (;;) {
      if (skip > 0) {
        const step = Math.min(skip, all.length - taken);
        command += all.slice(taken, taken + step);
        taken += step;
        skip -= step;
        if (skip > 0) return;
      }
      const end = all.indexOf('\r\n', taken);
      if (end < 0) return;
      const line = all.slice(taken, end + 2);
      taken = end + 2;
      command += line;
      const mark = /\{(\d+)(\+?)\}\r\n$/.exec(line);
      if (idling !== undefined) {
        peer.send(`${idling} OK idle over\r\n`);
        ran.push(`${idling} IDLE ${line.trim()}`);
        idling = undefined;
        command = '';
      } else if (mark !== null) {
        skip = Number(mark[1]);
        if (mark[2] === '') peer.send('+ go on\r\n');
      } else {
        const [tag = '', name = ''] = command.split(/[ \r]/);
        if (name === 'IDLE') {
          idling = tag;
          peer.send('+ idling\r\n');
        } else {
          ran.push(command);
          peer.send(name === 'LOGOUT' ? `* BYE\r\n${tag} OK\r\n` : `* 1 FETCH (BODY[] {4}\r\na\r\nb)\r\n${tag} OK done\r\n`);
          if (name === 'LOGOUT') peer.socket.end();
        }
        command = '';
      }
    }
  };
  peer.socket.on('data', act);
  act();
  return { ran };
}
