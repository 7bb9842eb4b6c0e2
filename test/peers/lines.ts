/** A client of protocols of lines that says what it is told, in clear. */
import { connect } from 'node:net';
import { createPeer, type Peer } from '../../src/gateway/peers.testing.ts';

/** Tries until somebody listens: the peers say nowhere that they do. */
export async function call(port: number): Promise<Peer> {
  for (const until = performance.now() + 30_000; ; ) {
    const socket = connect(port, '127.0.0.1');
    const connected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    if (connected) return createPeer(socket);
    if (performance.now() > until) throw new Error(`nobody listens on ${port}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** One exchange: a line, and the line that answers it. */
export async function ask(peer: Peer, line: string, until = '\r\n'): Promise<string> {
  peer.send(`${line}\r\n`);
  return (await peer.sees(until)).trimEnd();
}

export const plain = (login: string, secret: string): string => Buffer.from(`\0${login}\0${secret}`).toString('base64');
