/** Opens the port of one of the front doors that speak HTTP. */
import type { Config } from '#config/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import type { App } from '#http/app.ts';
import { openHttpServer } from '#http/server.ts';
import type { CertificateFiles } from '#net/certificate.ts';
import { createNetworkList } from '#net/networks.ts';
import { createTlsContexts } from '#net/tls-contexts.ts';
import type { RunFile } from './data-folder.ts';

type Parts = { readonly config: Config; readonly ports: RunFile['ports']; readonly certificate: CertificateFiles; readonly clock: Clock; readonly emit: Emit };

/** @throws CausewayError `config` when the port cannot be had */
export async function openApp(name: 'api' | 'selfcare' | 'webmail' | 'office' | 'status', app: App, { config, ports, certificate, clock, emit }: Parts): Promise<() => Promise<void>> {
  const { host, tls, proxy } = config.listen[name]!;
  const server = await openHttpServer({
    host,
    port: ports[name]!,
    tls: tls ? createTlsContexts({ main: certificate, names: config.tls?.names, minimum: config.tls?.minimum, clock, emit }) : undefined,
    proxies: proxy === undefined ? undefined : createNetworkList(proxy.from),
    fetch: app.fetch,
    clock,
  });
  return server.close;
}
