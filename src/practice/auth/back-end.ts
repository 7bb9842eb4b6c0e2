/**
 * The authentication back end: answers {id, user, secret, master} with {id, ok}, as JSON lines over a unix socket.
 * It runs in a process of its own so that it can be killed or hung while the platform lives.
 */
import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { CausewayError } from '#errors/index.ts';
import { onJsonLines } from './json-lines.ts';
import { openUsers } from './users.ts';

export type Question = { readonly id: number; readonly user: string; readonly secret: string; readonly master: boolean };
export type Answer = { readonly id: number; readonly ok: boolean };

/** sockaddr_un's 108 bytes, with room for its NUL. */
const LONGEST_PATH = 107;

/** Listens at `socketPath`, in the place of a dead back end's socket if there is one. */
export function serveAuth(usersFile: string, socketPath: string): Promise<{ close(): Promise<void> }> {
  if (Buffer.byteLength(socketPath) > LONGEST_PATH) {
    throw new CausewayError('config', 'the path is too long for a unix socket', { place: socketPath, remedy: 'Give a shorter "authSocket".' });
  }
  const users = openUsers(usersFile);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    onJsonLines(socket, (value) => {
      const { id, user, secret, master } = value as Question;
      const answer: Answer = { id, ok: users.check(user, secret, master) };
      socket.write(`${JSON.stringify(answer)}\n`);
    });
  });
  rmSync(socketPath, { force: true });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, () =>
      resolve({
        close: () =>
          new Promise((done) => {
            for (const socket of sockets) socket.destroy();
            server.close(() => done());
          }),
      }),
    );
  });
}
