/** The process of a gateway worker: started by `serve`, one a core, all listening on the same ports. */
import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { loadConfig } from '#config/index.ts';
import { CausewayError, messageOf } from '#errors/index.ts';
import { systemClock } from '#events/clock.ts';
import type { FromWorker, ToWorker } from '#gateway/messages.ts';
import { CONNECTION_LIMIT, createGatewayWorker, FAREWELL_MS } from '#gateway/worker.ts';
import { connectToHandOver } from '#imap/hand-over.ts';
import { createNetworkList } from '#net/networks.ts';
import type { ListenOptions } from '#net/listen.ts';
import { createTlsContexts } from '#net/tls-contexts.ts';
import { type Batch, createBatch, unpack } from './batch.ts';
import { createListeners, type Listeners } from './gateway-listeners.ts';
import type { GatewayOrders, GatewayStarted, TicketSecret } from './gateway.ts';
import { logToStandardError } from '../logging.ts';
import { connect as connectPop3 } from '#pop3/connect.ts';
import { connect as connectSieve } from '#sieve/connect.ts';
import type { PlaceOrder, PlaceWord } from './rolling-restart.ts';
import { connect as connectSubmission } from '#submission/connect.ts';
import { endWorker, liveAsWorker } from './worker-life.ts';

/** Sessions that are being ended get this long; what is left is closed with the process. */
const DRAIN_MS = 5_000;
/** For a verdict that a client waits for when its worker's time is over, and the drain: sign-in ends each in ten seconds. */
const RETIRE_MS = 12_000;
/** A few goodbyes are under way over the worker's own cap. */
const OVERFLOW = 200;

const PORTS = [
  ['imap', 'clear', 'imap'],
  ['imaps', 'tls', 'imap'],
  ['pop3', 'clear', 'pop3'],
  ['pop3s', 'tls', 'pop3'],
  ['submission', 'clear', 'submission'],
  ['submissions', 'tls', 'submission'],
  ['sieve', 'clear', 'sieve'],
] as const;

const tell = (message: GatewayStarted | Batch<FromWorker> | PlaceWord): void => void (process.connected && process.send!(message));

try {
  await main(JSON.parse(process.argv[2]!) as GatewayOrders);
} catch (error) {
  const { place, remedy } = error instanceof CausewayError ? error : { place: undefined, remedy: undefined };
  tell({ t: 'failed', error: { message: messageOf(error), ...(place === undefined ? {} : { place }), ...(remedy === undefined ? {} : { remedy }) } });
  // Sent messages are flushed before the channel closes.
  process.disconnect();
  process.exitCode = 1;
}

async function main(orders: GatewayOrders): Promise<void> {
  const secret = await ticketSecret();
  const config = loadConfig(orders.config);
  const emit = logToStandardError();
  const { names, minimum } = config.tls ?? {};
  const contexts = createTlsContexts({ main: orders.certificate, names, minimum, ticketSecret: secret, clock: systemClock, emit });
  // Nobody waits for the news that a session is over, but a cut, whose own answer follows it.
  const toServe = createBatch<FromWorker>(tell, ({ t }) => t === 'closed');
  process.on('exit', toServe.flush);
  const worker = createGatewayWorker({
    channel: {
      send: toServe.put,
      onMessage: (callback) => void process.on('message', (message) => unpack(message as Batch<ToWorker>, callback)),
    },
    platforms: config.platforms,
    connect: { imap: connectToHandOver, pop3: connectPop3, submission: connectSubmission, sieve: connectSieve },
    secureContext: contexts.main,
    secureContextFor: contexts.named,
    clock: systemClock,
    emit,
    random: Math.random,
    addressLimit: config.limits,
  });
  const ports = new Map<string, ListenOptions>();
  for (const [name, port, protocol] of PORTS) {
    const at = config.listen[name];
    const number = orders.ports[name];
    if (at === undefined || number === undefined) continue;
    const proxies = at.proxy === undefined ? undefined : createNetworkList(at.proxy.from);
    ports.set(name, { host: at.host, port: number, reusePort: true, maxConnections: CONNECTION_LIMIT + OVERFLOW, onSocket: (socket) => worker.accept(socket, port, proxies, protocol) });
  }
  const listeners = createListeners(ports);
  if (orders.inherits !== true) await listeners.open();
  const stop = async (): Promise<void> => {
    await listeners.close();
    await Promise.race([worker.close(), systemClock.sleep(DRAIN_MS)]);
  };
  liveAsWorker(stop, async () => {
    await listeners.close();
    await Promise.race([worker.farewell(), systemClock.sleep(FAREWELL_MS)]);
  });
  takePlaceOrders(listeners, async (withinMs) => {
    await Promise.race([worker.retire(withinMs), systemClock.sleep(withinMs + RETIRE_MS)]);
    endWorker(0);
  });
  tell({ t: 'started' });
}

/** How ports pass from worker to worker: see rolling-restart.ts. */
function takePlaceOrders(listeners: Listeners, retire: (withinMs: number) => Promise<void>): void {
  const give = (name: string, server: Server): Promise<void> =>
    new Promise((resolve) => {
      const word: PlaceWord = { t: 'listener', name };
      process.send!(word, server, {}, () => resolve());
    });
  process.on('message', (message, handle) => {
    const order = message as PlaceOrder;
    switch (order.t) {
      case 'hand-over':
        return void listeners.handOver(give).then(() => tell({ t: 'handed-over' }));
      case 'listener':
        return listeners.take(order.name, handle as Server);
      case 'connection':
        // It may have gone on the way.
        return handle === undefined ? undefined : listeners.accept(order.name, handle as Socket);
      case 'listen':
        return void listeners.open().then(() => tell({ t: 'listening' }), () => {});
      case 'retire':
        return void retire(order.withinMs);
    }
  });
}

/** The first thing that `serve` says: it may stand neither in the arguments nor in the environment of a process. */
async function ticketSecret(): Promise<Buffer> {
  const [message] = (await once(process, 'message')) as [TicketSecret];
  return Buffer.from(message.secret, 'base64');
}
