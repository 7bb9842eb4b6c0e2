/**
 * One life of a mover's process, as `src/context/workers/mover-worker.ts` lives it, but for two things: it is taken over from
 * within seconds, and it finds its rounds in the moves' own rows, which are the truth, instead of the queue, which takes
 * ten seconds to give a dead process's round to another.
 */
import { sql } from 'kysely';
import { loadConfig } from '../../src/config/index.ts';
import { logToStandardError } from '../../src/context/logging.ts';
import { systemClock as clock } from '../../src/events/clock.ts';
import { type ClaimTimes, createMoverWorker, loadReceiptKey } from '../../src/mover/index.ts';
import { BESIDE, OPEN } from '../../src/mover/tables.ts';
import { type Connection, openStore, type Store } from '../../src/store/index.ts';
import type { Job, Queue } from '../../src/store/queue.ts';

export type LifeOrders = { readonly config: string; readonly keys: string; readonly database: Connection; readonly owner: string; readonly times: ClaimTimes };

/** Moves that are due and nobody's, in no order that two processes share; what only follows back comes last. */
function rowsAsQueue(store: Store, { commandMs }: ClaimTimes): Queue {
  return {
    async fetch<T extends object>(queue: string, n: number): Promise<Job<T>[]> {
      const { rows } = await sql<{ id: number }>`
        select id from move where state = any(${[...OPEN]}::text[]) and next_at <= now()
          and (owner is null or owner_until + ${commandMs} * interval '1 millisecond' < now())
        order by coalesce(back = any(${[...BESIDE]}::text[]), false), random() limit ${n}`.execute(store.db());
      return rows.map(({ id }) => ({ queue, id: String(id), data: { moveId: id } as unknown as T, retryCount: 0, singletonKey: undefined, signal: new AbortController().signal }));
    },
    send: async () => true,
    complete: async () => true,
    again: async () => true,
    fail: async () => true,
    close: async () => {},
  };
}

const orders = JSON.parse(process.argv[2]!) as LifeOrders;
const emit = logToStandardError();
const store = await openStore(orders.database, { emit, clock });
const worker = createMoverWorker({
  store,
  queue: rowsAsQueue(store, orders.times),
  platforms: loadConfig(orders.config).platforms,
  clock,
  emit,
  receiptKey: loadReceiptKey(orders.keys),
  owner: orders.owner,
  times: orders.times,
});
process.once('SIGTERM', () => void worker.stop().then(() => process.exit(0)));
process.on('message', () => process.send!('turned'));
// Whoever started us is gone: nobody would end us.
process.once('disconnect', () => process.exit(1));
