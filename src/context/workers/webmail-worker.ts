/** The process of the webmail portal: started by `serve`, one an instance. */
import { once } from 'node:events';
import { join } from 'node:path';
import { checkoutFolder, loadConfig } from '#config/index.ts';
import { CausewayError, messageOf } from '#errors/index.ts';
import { systemClock as clock } from '#events/clock.ts';
import type { FromWorker, ToWorker } from '#gateway/messages.ts';
import { connect } from '#imap/connect.ts';
import { readSite } from '#http/static.ts';
import { connect as connectSieve } from '#sieve/connect.ts';
import { openStore } from '#store/index.ts';
import { connect as connectSubmission } from '#submission/connect.ts';
import { createPortal } from '#webmail/portal.ts';
import { type Batch, createBatch, unpack } from './batch.ts';
import { openApp } from '../open-app.ts';
import { logToStandardError } from '../logging.ts';
import type { PagesKey } from '../pages-key.ts';
import type { PortalOrders, PortalStarted } from './webmail.ts';
import { liveAsWorker } from './worker-life.ts';

const tell = (message: PortalStarted | Batch<FromWorker>): void => void (process.connected && process.send!(message));

try {
  await main(JSON.parse(process.argv[2]!) as PortalOrders);
} catch (error) {
  const { place, remedy } = error instanceof CausewayError ? error : { place: undefined, remedy: undefined };
  tell({ t: 'failed', error: { message: messageOf(error), ...(place === undefined ? {} : { place }), ...(remedy === undefined ? {} : { remedy }) } });
  process.disconnect();
  process.exitCode = 1;
}

async function main({ config: file, ports, certificate, database }: PortalOrders): Promise<void> {
  const [{ key, lasts }] = (await once(process, 'message')) as [PagesKey];
  const config = loadConfig(file);
  const emit = logToStandardError();
  const store = await openStore(database ?? { connectionString: config.database!.url.reveal() }, { emit, clock });
  const toServe = createBatch<FromWorker>(tell, ({ t }) => t === 'closed');
  process.on('exit', toServe.flush);
  const portal = createPortal({
    channel: { send: toServe.put, onMessage: (callback) => void process.on('message', (message) => unpack(message as Batch<ToWorker>, callback)) },
    platforms: config.platforms,
    connect,
    connectSubmission,
    connectSieve,
    store,
    uploads: join(config.data, 'uploads'),
    key: Buffer.from(key, 'base64'),
    keyLasts: lasts,
    url: config.listen.webmail?.url,
    resetUrl: config.listen.selfcare?.url,
    networks: config.locks,
    clock,
    emit,
    random: Math.random,
    site: readSite(join(checkoutFolder(), 'web', 'dist')),
  });
  const closeHttp = await openApp('webmail', portal.app, { config, ports, certificate, clock, emit });
  liveAsWorker(async () => {
    await closeHttp();
    await portal.close();
    await store.close();
  });
  tell({ t: 'started' });
}
