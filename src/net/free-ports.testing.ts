/** Ports for servers that are told theirs, or come back on those that they had. */
import { createServer } from 'node:net';
import { portsToTry } from './ports-to-try.ts';

const toTry = portsToTry('test');

/** One on the loopback for each name; none twice in a process. @throws Error when there are no more */
export async function freePorts<Name extends string>(...names: readonly Name[]): Promise<Record<Name, number>> {
  const ports: [Name, number][] = [];
  for (const name of names) ports.push([name, await nextFree()]);
  return Object.fromEntries(ports) as Record<Name, number>;
}

async function nextFree(): Promise<number> {
  for (;;) {
    const { value: port } = toTry.next();
    if (port === undefined) throw new Error('no port is free');
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => server.close(() => resolve(true))));
}
