/** Starts the portal's process and connects it to sign-in and holds. */
import type { Config } from '#config/index.ts';
import type { Mirror } from '#directory/index.ts';
import { CausewayError } from '#errors/index.ts';
import { answerChange } from '#signin/secrets/own-change.ts';
import type { GatewayWorkers, PortalAnswers } from '#gateway/workers.ts';
import type { CertificateFiles } from '#net/certificate.ts';
import type { OwnChange } from '#signin/index.ts';
import { keysOf } from '#signin/keys.ts';
import type { Connection } from '#store/index.ts';
import { type Children, workerScript } from './children.ts';
import type { RunFile } from '../data-folder.ts';
import { addTo, type GatewayStarted, hear } from './gateway.ts';
import { pagesKey } from '../pages-key.ts';

/** What the portal's process is told at its start. A `database` URL may hold a password, and stays in the configuration. */
export type PortalOrders = { readonly config: string; readonly ports: RunFile['ports']; readonly certificate: CertificateFiles; readonly database: Connection | undefined };

export type PortalStarted = GatewayStarted;

/** What the portal asks `serve` for, beside verdicts. */
export function portalAnswers(mirror: Pick<Mirror, 'byId'>, changeOwn: OwnChange): PortalAnswers {
  return {
    keysOf(accountId) {
      const account = mirror.byId(accountId);
      return account === undefined ? undefined : keysOf(account);
    },
    changeOwn: (change) => answerChange(changeOwn, change, new AbortController().signal),
  };
}

/** @throws CausewayError `config` when the port cannot be had */
export async function startPortal(parts: { config: Config; ports: RunFile['ports']; certificate: CertificateFiles; database: Connection; children: Children; workers: GatewayWorkers }): Promise<void> {
  const { config, ports, certificate, database, children, workers } = parts;
  if (config.listen.webmail === undefined) return;
  const orders: PortalOrders = { config: config.file, ports, certificate, database: config.database === undefined ? database : undefined };
  const key = pagesKey('webmail pass');
  const started = Promise.withResolvers<void>();
  children.start(
    'webmail',
    workerScript('webmail'),
    [JSON.stringify(orders)],
    (child) => {
      child.process.send(key);
      child.process.on('message', (message) => hear(message as PortalStarted, started));
      addTo(workers, child);
    },
    () => started.reject(new CausewayError('internal', 'the portal ended at its start')),
  );
  await started.promise;
}
