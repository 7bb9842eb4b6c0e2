/**
 * A back end of many vices, one at a time: what a gateway must survive of a platform that is broken, hijacked or hostile.
 *
 * Invariant: bytes stop when the other side stops reading, so the test measures the gateway's memory and not its own.
 */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

export const VICES = {
  /** Nothing at all. */
  silent: () => {},
  /** Ends at once. */
  'hangs up': (socket) => socket.end(),
  'speaks HTTP': (socket) => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'),
  'greets for ever': (socket) => pour(socket, Buffer.alloc(65_536, 'x')),
  'lists for ever': (socket) => pour(socket, Buffer.from('* CAPABILITY X\r\n+OK\r\n250-X\r\n"X"\r\n'.repeat(1_000))),
  'random bytes': (socket) => pour(socket, Buffer.from(Array.from({ length: 65_536 }, (_, n) => (n * 2_654_435_761) & 255))),
  'a literal without an end': (socket) => socket.write('* OK [ALERT {99999999999999999999}\r\n+OK {4294967296}\r\n220 {1}\r\n'),
  /** Whatever is asked: an answer to somebody else. */
  'answers other tags': (socket) => {
    socket.write('* OK hello\r\n');
    socket.on('data', () => socket.write('ZZZ OK done\r\n'));
  },
  /** Says of a right entrance that the password is wrong: no business of the customer's. */
  'refuses the entrance': (socket) => {
    socket.write('* OK hello\r\n');
    socket.on('data', (chunk: Buffer) => socket.write(`${chunk.toString('latin1').split(' ')[0]} NO [AUTHENTICATIONFAILED] wrong password\r\n-ERR [AUTH] wrong password\r\n`));
  },
} satisfies Record<string, (socket: Socket) => unknown>;

export type Vice = keyof typeof VICES;

export type HostilePlatform = { readonly ports: readonly number[]; vice: Vice; close(): void };

/** @param services how many ports: each service of a platform needs one of its own */
export async function startHostilePlatform(services: number): Promise<HostilePlatform> {
  const sockets = new Set<Socket>();
  const servers = Array.from({ length: services }, () =>
    createServer((socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      socket.on('error', () => {});
      socket.resume();
      (VICES[platform.vice] as (socket: Socket) => unknown)(socket);
    }).listen(0, '127.0.0.1'),
  );
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const platform: HostilePlatform = {
    ports: servers.map((server) => (server.address() as AddressInfo).port),
    vice: 'silent',
    close() {
      for (const server of servers) server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  return platform;
}

/** Writes the same bytes again and again, at the other side's pace. */
export function pour(socket: Socket, bytes: Buffer): void {
  const more = (): void => {
    while (!socket.destroyed && socket.writable && socket.write(bytes));
  };
  socket.on('drain', more);
  more();
}
