/** Starts the movers' workers, and hands what the dead ones held to the living. */
import type { Config } from '#config/index.ts';
import { messageOf } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { defineEvent, type Emit } from '#events/index.ts';
import { MOVE_QUEUE, releaseClaims, sweepMoves } from '#mover/index.ts';
import type { Connection, Store } from '#store/index.ts';
import { openQueue, type Queue } from '#store/queue.ts';
import { type Children, workerScript } from './children.ts';
import type { RunFile } from '../data-folder.ts';
import type { ProcessId } from '../processes.ts';

/** What a mover worker is told at its start. */
export type MoverOrders = { readonly config: string; readonly database: Connection | undefined; readonly instance: string };

const sweepFailed = defineEvent<{ error: string }>('serve.mover-sweep-failed', 'warn');

/** Lost rounds are found within this. */
const SWEEP_MS = 500;

/** Names one life of one mover process, so that nobody else is ever taken for it. */
export function ownerName(instance: string, { pid, startTime }: ProcessId): string {
  return `${instance}/${pid}.${startTime}`;
}

export function startMovers(parts: {
  config: Config;
  store: Store;
  database: Connection;
  children: Children;
  instance: string;
  /** Workers of an earlier life, which are gone. */
  formerWorkers: RunFile['children'];
  clock: Clock;
  emit: Emit;
}): { stop(): Promise<void> } {
  const { config, store, children, instance, clock, emit } = parts;
  // A URL may hold a password, which does not belong on a command line: workers read it from the configuration.
  const orders: MoverOrders = { config: config.file, database: config.database === undefined ? parts.database : undefined, instance };
  // Owners whose processes are gone. They stay here until the store has heard of it.
  const gone = new Set(parts.formerWorkers.filter(({ role }) => role === 'mover').map((each) => ownerName(instance, each)));
  for (let i = 0; i < config.workers.mover; i += 1) {
    children.start('mover', workerScript('mover'), [JSON.stringify(orders)], () => {}, ({ id }) => gone.add(ownerName(instance, id)));
  }
  const stopping = new AbortController();
  let queue: Queue | undefined;
  const sweeping = (async () => {
    while (!stopping.signal.aborted) {
      try {
        const owners = [...gone];
        if (owners.length > 0) await store.transaction((tx) => releaseClaims(tx, owners));
        for (const owner of owners) gone.delete(owner);
        // Here and not at the start, which must succeed without the store.
        queue ??= await openQueue(parts.database, { queues: [MOVE_QUEUE], supervise: true, emit, clock });
        await sweepMoves({ store, queue });
      } catch (error) {
        emit(sweepFailed, { error: messageOf(error) });
      }
      await clock.sleep(SWEEP_MS, stopping.signal).catch(() => {});
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await sweeping;
      await queue?.close();
    },
  };
}
