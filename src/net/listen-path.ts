/**
 * A listening unix socket.
 *
 * Invariants: the socket is at its path only with its mode and group on it, so nobody else gets in between. One that a
 * process listens on is never taken away from it; what a dead process left behind is replaced. Closing takes it away.
 */
import { chmodSync, chownSync, lstatSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { CausewayError, messageOf } from '#errors/index.ts';

export type PathOptions = {
  readonly path: string;
  readonly mode: number;
  /** The name of a group on this machine; without it the process's own. */
  readonly group?: string;
  readonly maxConnections: number;
  readonly onSocket: (socket: Socket) => void;
};

/** @throws CausewayError `config` when the path cannot be had, naming it */
export async function listenOnPath({ path, mode, group, maxConnections, onSocket }: PathOptions): Promise<{ close(): Promise<void> }> {
  await refuseTaken(path);
  const server = createServer({ pauseOnConnect: false }, (socket) => {
    // A socket that dies before its owner listens must not end the process.
    socket.on('error', () => {});
    onSocket(socket);
  });
  server.maxConnections = maxConnections;
  const made = `${path}.${process.pid}`;
  try {
    rmSync(made, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      // 128: those of one machine's mail server that connect at the same moment.
      server.listen({ path: made, backlog: 128 }, resolve);
    });
    if (group !== undefined) chownSync(made, process.getuid!(), groupId(group));
    chmodSync(made, mode);
    renameSync(made, path);
  } catch (error) {
    server.close();
    rmSync(made, { force: true });
    if (error instanceof CausewayError) throw error;
    throw new CausewayError('config', `cannot listen: ${messageOf(error)}`, {
      place: path,
      remedy: 'The folder must be there, and this user must be able to write to it and to give files to the group.',
      cause: error,
    });
  }
  return {
    async close() {
      server.close();
      rmSync(path, { force: true });
    },
  };
}

async function refuseTaken(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new CausewayError('config', 'there is something else than a socket', { place: path, remedy: 'Name another path.' });
  const answers = await new Promise<boolean>((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => resolve((socket.destroy(), true)));
    socket.once('error', () => resolve(false));
  });
  if (answers) throw new CausewayError('config', 'another process listens there', { place: path, remedy: 'Stop it, or name another path.' });
}

/** Node asks no name service for groups: what is looked into is the file that Postfix's packages write to. */
function groupId(name: string): number {
  const line = readFileSync('/etc/group', 'utf8').split('\n').find((each) => each.startsWith(`${name}:`));
  const id = Number(line?.split(':')[2]);
  if (line === undefined || !Number.isInteger(id)) throw new CausewayError('config', `there is no group ${name} in /etc/group`, { remedy: 'Name another group.' });
  return id;
}
