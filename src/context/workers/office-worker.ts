/**
 * The process of the people's side: started by `serve`, one an instance. It depends on the store only, never on a mail
 * platform.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { checkoutFolder, loadConfig } from '#config/index.ts';
import { CausewayError, messageOf } from '#errors/index.ts';
import { systemClock as clock } from '#events/clock.ts';
import { readSite } from '#http/static.ts';
import { addStatusRoutes } from '#status/staff-routes.ts';
import { openStore } from '#store/index.ts';
import { openApp } from '../open-app.ts';
import { logToStandardError } from '../logging.ts';
import { createOffice } from './office-app.ts';
import type { OfficeOrders, OfficeStarted } from './office.ts';
import type { PagesKey } from '../pages-key.ts';
import { startStatus } from '../status.ts';
import { liveAsWorker } from './worker-life.ts';

const tell = (message: OfficeStarted): void => void (process.connected && process.send!(message));

try {
  await main(JSON.parse(process.argv[2]!) as OfficeOrders);
} catch (error) {
  const { place, remedy } = error instanceof CausewayError ? error : { place: undefined, remedy: undefined };
  tell({ t: 'failed', error: { message: messageOf(error), ...(place === undefined ? {} : { place }), ...(remedy === undefined ? {} : { remedy }) } });
  process.disconnect();
  process.exitCode = 1;
}

async function main({ config: file, ports, certificate, database, instance }: OfficeOrders): Promise<void> {
  const [{ key, lasts }] = (await once(process, 'message')) as [PagesKey];
  const config = loadConfig(file);
  const emit = logToStandardError();
  const store = await openStore(database ?? { connectionString: config.database!.url.reveal() }, { emit, clock });
  const office = createOffice({ config, ports, store, instance, key: Buffer.from(key, 'base64'), keyLasts: lasts, site: readSite(join(checkoutFolder(), 'web', 'dist')), clock, emit });
  const status = await startStatus({ config, ports, certificate, store, instance, clock, emit });
  addStatusRoutes(office.app, { store, publisher: status?.publisher });
  const closeHttp = config.listen.office === undefined ? undefined : await openApp('office', office.app, { config, ports, certificate, clock, emit });
  liveAsWorker(async () => {
    await closeHttp?.();
    await status?.close();
    await office.close();
    await store.close();
  });
  tell({ t: 'started' });
}
