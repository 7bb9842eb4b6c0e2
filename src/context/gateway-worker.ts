/** The process of a gateway worker: started by `serve`, one a core, all listening on the same ports. */
import { once } from 'node:events';
import { loadConfig } from '#config/index.ts';
import { CausewayError, messageOf } from '#errors/index.ts';
import { systemClock } from '#events/clock.ts';
import type { FromWorker, ToWorker } from '#gateway/messages.ts';
import { CONNECTION_LIMIT, createGatewayWorker } from '#gateway/worker.ts';
import { connect } from '#imap/connect.ts';
import { listen, type Listening } from '#net/listen.ts';
import { createNetworkList } from '#net/networks.ts';
import { createTlsContexts } from '#net/tls-contexts.ts';
import type { GatewayOrders, GatewayStarted, TicketSecret } from './gateway.ts';
import { logToStandardError } from './logging.ts';
import { connect as connectPop3 } from '#pop3/connect.ts';
import { connect as connectSieve } from '#sieve/connect.ts';
import { connect as connectSubmission } from '#submission/connect.ts';
import { liveAsWorker } from './worker-life.ts';

/** Sessions that are being ended get this long; what is left is closed with the process. */
const DRAIN_MS = 5_000;
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

const tell = (message: GatewayStarted | FromWorker): void => void (process.connected && process.send!(message));

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
  const worker = createGatewayWorker({
    channel: {
      send: tell,
      onMessage: (callback) => void process.on('message', (message) => callback(message as ToWorker)),
    },
    platforms: config.platforms,
    connect: { imap: connect, pop3: connectPop3, submission: connectSubmission, sieve: connectSieve },
    secureContext: contexts.main,
    secureContextFor: contexts.named,
    clock: systemClock,
    emit,
    random: Math.random,
    addressLimit: config.limits,
  });
  const listeners: Listening[] = [];
  for (const [name, port, protocol] of PORTS) {
    const at = config.listen[name];
    const number = orders.ports[name];
    if (at === undefined || number === undefined) continue;
    const proxies = at.proxy === undefined ? undefined : createNetworkList(at.proxy.from);
    listeners.push(
      await listen({ host: at.host, port: number, reusePort: true, maxConnections: CONNECTION_LIMIT + OVERFLOW, onSocket: (socket) => worker.accept(socket, port, proxies, protocol) }),
    );
  }
  liveAsWorker(async () => {
    await Promise.all(listeners.map((listener) => listener.close()));
    await Promise.race([worker.close(), systemClock.sleep(DRAIN_MS)]);
  });
  tell({ t: 'started' });
}

/** The first thing that `serve` says: it may stand neither in the arguments nor in the environment of a process. */
async function ticketSecret(): Promise<Buffer> {
  const [message] = (await once(process, 'message')) as [TicketSecret];
  return Buffer.from(message.secret, 'base64');
}
