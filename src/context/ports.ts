/**
 * Choosing the ports before anything is started, so that a taken one is told at once and nothing is half done.
 *
 * Invariant: with port 0 an instance that starts again takes the ports that it had, as long as they are free: its
 * customers know them.
 */
import { type Listening, listen } from '#net/listen.ts';
import { portsToTry } from '#net/ports-to-try.ts';
import type { Config } from '#config/index.ts';
import { LISTENERS, type RunFile } from './data-folder.ts';

/** @throws CausewayError `config` naming the address that is taken */
export async function choosePorts(config: Config, before: RunFile['ports']): Promise<RunFile['ports']> {
  const chosen: { -readonly [Name in keyof RunFile['ports']]: number } = {};
  const probes: Listening[] = [];
  for (const name of LISTENERS) {
    const at = config.listen[name];
    if (at === undefined || !('port' in at)) continue;
    const probe = await (at.port === 0 ? firstFree(at.host, candidates(before[name], before)) : take(at.host, at.port));
    probes.push(probe);
    chosen[name] = probe.port;
  }
  await Promise.all(probes.map((probe) => probe.close()));
  return chosen;
}

const take = (host: string, port: number): Promise<Listening> => listen({ host, port, maxConnections: 0, onSocket: (socket) => socket.destroy() });

/** The first of these that can be had, else whichever the system gives. */
async function firstFree(host: string, ports: Iterable<number>): Promise<Listening> {
  for (const port of ports) {
    const taken = await take(host, port).catch(() => undefined);
    if (taken !== undefined) return taken;
  }
  return take(host, 0);
}

/** The listener's own last one, then those that are nobody's. */
function* candidates(last: number | undefined, before: RunFile['ports']): Generator<number, void> {
  if (last !== undefined) yield last;
  const remembered = Object.values(before);
  for (const port of portsToTry('instance')) if (!remembered.includes(port)) yield port;
}
