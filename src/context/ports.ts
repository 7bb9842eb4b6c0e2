/**
 * Choosing the ports before anything is started, so that a taken one is told at once and nothing is half done.
 *
 * Invariant: with port 0 an instance that starts again takes the ports that it had, as long as they are free: its
 * customers know them.
 */
import { type Listening, listen } from '#net/listen.ts';
import type { Config } from '#config/index.ts';
import { LISTENERS, type RunFile } from './data-folder.ts';

/** @throws CausewayError `config` naming the address that is taken */
export async function choosePorts(config: Config, before: RunFile['ports']): Promise<RunFile['ports']> {
  const chosen: { -readonly [Name in keyof RunFile['ports']]: number } = {};
  const probes: Listening[] = [];
  for (const name of LISTENERS) {
    const at = config.listen[name];
    if (at === undefined || !('port' in at)) continue;
    const probe = (port: number): Promise<Listening> => listen({ host: at.host, port, maxConnections: 0, onSocket: (socket) => socket.destroy() });
    const last = before[name];
    const taken = at.port === 0 && last !== undefined ? await probe(last).catch(() => probe(0)) : await probe(at.port);
    probes.push(taken);
    chosen[name] = taken.port;
  }
  await Promise.all(probes.map((probe) => probe.close()));
  return chosen;
}
