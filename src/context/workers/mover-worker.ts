/** The process of a mover worker: started by `serve`, takes rounds from the queue until it is asked to end. */
import { waveGoesOn } from '#cutover/records.ts';
import { loadConfig } from '#config/index.ts';
import { explain } from '#errors/index.ts';
import { systemClock as clock } from '#events/clock.ts';
import { defineEvent } from '#events/index.ts';
import { createMoverWorker, loadReceiptKey, MOVE_QUEUE } from '#mover/index.ts';
import { openStore } from '#store/index.ts';
import { openQueue } from '#store/queue.ts';
import { logToStandardError } from '../logging.ts';
import { type MoverOrders, ownerName } from './movers.ts';
import { identify } from '../processes.ts';
import { liveAsWorker } from './worker-life.ts';

const startFailed = defineEvent<{ error: string }>('serve.mover-start-failed', 'warn');

const emit = logToStandardError();
try {
  await main(JSON.parse(process.argv[2]!) as MoverOrders);
} catch (error) {
  // The store is away, perhaps. It is started again.
  emit(startFailed, { error: explain(error) });
  process.exit(1);
}

async function main(orders: MoverOrders): Promise<void> {
  const config = loadConfig(orders.config);
  const connection = orders.database ?? { connectionString: config.database!.url.reveal() };
  const store = await openStore(connection, { emit, clock });
  const queue = await openQueue(connection, { queues: [MOVE_QUEUE], supervise: false, emit, clock });
  const worker = createMoverWorker({
    store,
    queue,
    platforms: config.platforms,
    clock,
    emit,
    receiptKey: loadReceiptKey(config.data),
    windowDays: config.moves.windowDays,
    owner: ownerName(orders.instance, identify(process.pid)!),
    mayGoOn: (move) => waveGoesOn(store, move.wave_id),
  });
  liveAsWorker(async () => {
    await worker.stop();
    await queue.close();
    await store.close();
  });
}
