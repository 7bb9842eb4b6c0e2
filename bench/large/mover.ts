/** A mover worker as `serve` starts it, for two platforms that are told. */
import { createSecret } from '#config/index.ts';
import { systemClock as clock } from '#events/clock.ts';
import { type Emit } from '#events/index.ts';
import { createMoverWorker, loadReceiptKey, MOVE_QUEUE, type MoverPlatform } from '#mover/index.ts';
import { openStore } from '#store/index.ts';
import type { Connection } from '#store/connection.ts';
import { openQueue } from '#store/queue.ts';

export type MoverOrders = {
  readonly connection: Connection;
  readonly folder: string;
  readonly password: string;
  /** Name and port. */
  readonly platforms: readonly (readonly [name: string, port: number])[];
};

const { connection, folder, password, platforms } = JSON.parse(process.argv[2]!) as MoverOrders;
const emit: Emit = (event, fields) => void (process.env['LARGE_EVENTS'] === undefined || process.stderr.write(`${event.name} ${JSON.stringify(fields)}\n`));
const store = await openStore(connection, { emit, clock });
const queue = await openQueue(connection, { queues: [MOVE_QUEUE], supervise: false, emit, clock });
const worker = createMoverWorker({
  store,
  queue,
  platforms: Object.fromEntries(
    platforms.map(([name, port]): [string, MoverPlatform] => [name, { name, imap: { host: '127.0.0.1', port, tls: 'plain', trustedNetwork: true }, entrances: [{ kind: 'trusted', secret: createSecret(password) }] }]),
  ),
  clock,
  emit,
  receiptKey: loadReceiptKey(folder),
  owner: `large-${process.pid}`,
});
process.on('disconnect', () => {
  void worker.stop().then(() => queue.close()).then(() => store.close()).finally(() => process.exit());
});
process.send?.({ ready: true });
