/** Starts the process of the people's side: desk, console and status. */
import type { Config } from '#config/index.ts';
import { CausewayError } from '#errors/index.ts';
import type { CertificateFiles } from '#net/certificate.ts';
import type { Connection } from '#store/index.ts';
import { type Children, workerScript } from './children.ts';
import type { RunFile } from '../data-folder.ts';
import { type GatewayStarted, hear } from './gateway.ts';
import { pagesKey } from '../pages-key.ts';

/** What it is told at its start. A `database` URL may hold a password, and stays in the configuration. Its first message is the key. */
export type OfficeOrders = { readonly config: string; readonly ports: RunFile['ports']; readonly certificate: CertificateFiles; readonly database: Connection | undefined; readonly instance: string };

export type OfficeStarted = GatewayStarted;

/** @throws CausewayError `config` when a port cannot be had */
export async function startOffice(parts: { config: Config; ports: RunFile['ports']; certificate: CertificateFiles; database: Connection; instance: string; children: Children }): Promise<void> {
  const { config, ports, certificate, database, instance, children } = parts;
  if (config.listen.office === undefined && config.status === undefined) return;
  const orders: OfficeOrders = { config: config.file, ports, certificate, database: config.database === undefined ? database : undefined, instance };
  const key = pagesKey('staff');
  const started = Promise.withResolvers<void>();
  children.start(
    'office',
    workerScript('office'),
    [JSON.stringify(orders)],
    (child) => {
      child.process.send(key);
      child.process.on('message', (message) => hear(message as OfficeStarted, started));
    },
    () => started.reject(new CausewayError('internal', 'the process of desk, console and status ended at its start')),
  );
  await started.promise;
}
