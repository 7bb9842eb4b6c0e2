/** The process of a gateway worker: started by `serve`, one a core, all listening on the same ports. */
import { statSync } from 'node:fs';
import type { SecureContext } from 'node:tls';
import { loadConfig } from '#config/index.ts';
import { CausewayError, messageOf } from '#errors/index.ts';
import { systemClock } from '#events/clock.ts';
import type { FromWorker, ToWorker } from '#gateway/messages.ts';
import { CONNECTION_LIMIT, createGatewayWorker } from '#gateway/worker.ts';
import { connect } from '#imap/connect.ts';
import { type CertificateFiles, secureContext } from '#net/certificate.ts';
import { listen, type Listening } from '#net/listen.ts';
import type { GatewayOrders, GatewayStarted } from './gateway.ts';
import { logToStandardError } from './logging.ts';
import { liveAsWorker } from './worker-life.ts';

/** Sessions that are being ended get this long; what is left is closed with the process. */
const DRAIN_MS = 5_000;
/** A few goodbyes are under way over the worker's own cap. */
const OVERFLOW = 200;

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
  const config = loadConfig(orders.config);
  const worker = createGatewayWorker({
    channel: {
      send: tell,
      onMessage: (callback) => void process.on('message', (message) => callback(message as ToWorker)),
    },
    platforms: config.platforms,
    connect,
    secureContext: renewing(orders.certificate),
    clock: systemClock,
    emit: logToStandardError(),
    random: Math.random,
  });
  const listeners: Listening[] = [];
  for (const [name, port] of [['imap', 'clear'], ['imaps', 'tls']] as const) {
    const at = config.listen[name];
    const number = orders.ports[name];
    if (at === undefined || number === undefined) continue;
    listeners.push(
      await listen({ host: at.host, port: number, reusePort: true, maxConnections: CONNECTION_LIMIT + OVERFLOW, onSocket: (socket) => worker.accept(socket, port) }),
    );
  }
  liveAsWorker(async () => {
    await Promise.all(listeners.map((listener) => listener.close()));
    await Promise.race([worker.close(), systemClock.sleep(DRAIN_MS)]);
  });
  tell({ t: 'started' });
}

/** The certificate, read again when its file has changed: a renewed one needs no restart. A bad one changes nothing. */
function renewing(files: CertificateFiles): () => SecureContext {
  let context = secureContext(files);
  let changedAt = statSync(files.certificate).mtimeMs;
  let lookedAt = systemClock.monotonic();
  return () => {
    const now = systemClock.monotonic();
    // At most one look in 5 s, however many handshakes there are.
    if (now - lookedAt < 5_000) return context;
    lookedAt = now;
    try {
      const { mtimeMs } = statSync(files.certificate);
      if (mtimeMs !== changedAt) {
        context = secureContext(files);
        changedAt = mtimeMs;
      }
    } catch {
      // Being replaced at this moment, or broken: the one in use is good.
    }
    return context;
  };
}
