/** Wires what speaks HTTP to customers and to the provider's systems. */
import type { Config } from '#config/index.ts';
import { pruneProvisioning, readResetLink } from '#directory/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { createHoldBack } from '#gateway/hold-back.ts';
import type { App } from '#http/app.ts';
import { openHttpServer } from '#http/server.ts';
import type { CertificateFiles } from '#net/certificate.ts';
import { createNetworkList } from '#net/networks.ts';
import { createTlsContexts } from '#net/tls-contexts.ts';
import { createProvisioningApp } from '#provisioning/app.ts';
import { createSelfcareApp } from '#selfcare/app.ts';
import { schemeFault } from '#signin/index.ts';
import type { Store } from '#store/index.ts';
import type { RunFile } from './data-folder.ts';
import { factsOf } from './secrets.ts';
import type { OpenedSignIn } from './signin.ts';

type Parts = {
  readonly config: Config;
  readonly ports: RunFile['ports'];
  readonly certificate: CertificateFiles;
  readonly store: Store;
  readonly signIn: Pick<OpenedSignIn, 'secrets' | 'changeOwn'>;
  readonly clock: Clock;
  readonly emit: Emit;
};

/** Keys of requests older than a week are dropped this often. */
const PRUNE_MS = 3_600_000;

/** @throws CausewayError `config` when a port cannot be had */
export async function startHttp(parts: Parts): Promise<{ close(): Promise<void> }> {
  const { config, store, clock, emit, signIn } = parts;
  const { api, selfcare } = config.listen;
  const closing = new AbortController();
  const closers: (() => Promise<void>)[] = [async () => closing.abort()];
  const close = async (): Promise<void> => {
    await Promise.all(closers.splice(0).map((each) => each()));
  };
  try {
    if (selfcare !== undefined) {
      const app = createSelfcareApp({
        changeOwn: signIn.changeOwn,
        redeem: signIn.secrets.redeem,
        readLink: (token) => readResetLink(store, token),
        holdBack: createHoldBack(clock, Math.random),
        now: () => clock.monotonic(),
        emit,
      });
      closers.push(await open('selfcare', app, parts));
    }
    if (api !== undefined) {
      const app = createProvisioningApp({
        store,
        secrets: signIn.secrets,
        facts: factsOf(config),
        hashFault: schemeFault,
        tokens: new Map(Object.entries(api.callers).map(([name, { token }]) => [name, token])),
        pages: selfcare?.url,
        clock,
        emit,
      });
      closers.push(await open('api', app, parts));
      void prune(store, clock, closing.signal);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

async function open(name: 'api' | 'selfcare', app: App, { config, ports, certificate, clock, emit }: Parts): Promise<() => Promise<void>> {
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

async function prune(store: Store, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // Without the store there is nothing to drop; the next hour will do.
    await pruneProvisioning(store).catch(() => {});
    await clock.sleep(PRUNE_MS, signal).catch(() => {});
  }
}
