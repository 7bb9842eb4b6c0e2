/** What the mover says to a platform, in tests. */
import { connect, createServer, type Socket } from 'node:net';

/** Passes on what the mover says to a platform, and writes it down. */
export async function listen(port: number): Promise<{ readonly port: number; readonly said: string[]; /** The same, by what was sent with no answer between. */ readonly turns: string[][]; /** Resolves when all who came have left. */ left(): Promise<void>; close(): void }> {
  const said: string[] = [];
  const turns: string[][] = [];
  const sockets = new Set<Socket>();
  const ended: Promise<void>[] = [];
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    let open: string[] | undefined;
    near.on('data', (chunk) => {
      const lines = chunk.toString('latin1').split('\r\n').filter((line) => /^A\d+ /.test(line));
      said.push(...lines);
      if (open === undefined) turns.push((open = []));
      open.push(...lines);
    });
    far.on('data', () => void (open = undefined));
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) {
      sockets.add(socket);
      ended.push(new Promise((resolve) => socket.once('close', () => resolve())));
      socket.on('error', () => {});
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    said,
    turns,
    left: async () => void (await Promise.all(ended.splice(0))),
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** What was commanded, without tags. */
export const commands = (said: string[]): string[] => said.splice(0).map((line) => line.replace(/^A\d+ /, ''));
