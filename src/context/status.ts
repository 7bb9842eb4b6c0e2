/** Puts the status site together: what writes it, who is told, and its public listener. */
import { join } from 'node:path';
import { checkoutFolder, type Config } from '#config/index.ts';
import { ownAnswer } from '#cutover/answer/answer.ts';
import { forecastOfAccount, forecastOfRestoration, forecastsOf } from '#cutover/forecast/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import type { CertificateFiles } from '#net/certificate.ts';
import { createStatusApp } from '#status/app.ts';
import { type Publisher, startPublisher } from '#status/publisher.ts';
import { readAssets } from '#status/site/files.ts';
import type { Forecast } from '#status/site/model.ts';
import { startTeller } from '#status/subscribe/teller.ts';
import type { Store } from '#store/index.ts';
import type { RunFile } from './data-folder.ts';
import { openApp } from './open-app.ts';

type Parts = { readonly config: Config; readonly ports: RunFile['ports']; readonly certificate: CertificateFiles; readonly store: Store; readonly instance: string; readonly clock: Clock; readonly emit: Emit };

export type Status = { readonly publisher: Publisher; close(): Promise<void> };

/** Undefined where the configuration has no `status`. @throws CausewayError `config` when the port cannot be had */
export async function startStatus(parts: Parts): Promise<Status | undefined> {
  const { config, ports, store, instance } = parts;
  if (config.status === undefined) return undefined;
  const { provider, timeZone: zone, export: folder, url, mail, webhooks } = config.status;
  const app = urlOf(config.listen.status, ports.status);
  const letters = mail === undefined || app === undefined ? undefined : `${app}/subscribe`;
  const publisher = startPublisher({
    store,
    instance,
    provider,
    zone,
    folder,
    assets: readAssets(join(checkoutFolder(), 'web')),
    links: { site: url ?? app, app, letters, webmail: webmailOf(config, ports) },
    forecast: {
      plan: async (planId) => rangeOf((await forecastsOf(store, 'plan', [planId])).get(planId)),
      restoration: async () => rangeOf(await forecastOfRestoration(store)),
    },
  });
  const teller = startTeller({
    store,
    provider,
    zone,
    site: url ?? app,
    app,
    relay: mail && { endpoint: mail.relay, user: mail.user, password: mail.password, from: mail.from },
    webhooks: Object.entries(webhooks).map(([name, { url: at, secret }]) => ({ name, url: at, secret })),
    fetch: globalThis.fetch,
  });
  const stop = async (): Promise<void> => {
    await Promise.all([publisher.stop(), teller.stop()]);
  };
  try {
    const closeHttp =
      config.listen.status === undefined
        ? undefined
        : await openApp('status', createStatusApp({ store, provider, zone, files: publisher.files, answer: (accountId) => ownAnswer(store, accountId, (id) => forecastOfAccount(store, id)), wake: letters === undefined ? undefined : teller.wake }), parts);
    return {
      publisher,
      async close() {
        await closeHttp?.();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function urlOf(at: { readonly url?: string | undefined; readonly host: string; readonly tls: boolean } | undefined, port: number | undefined): string | undefined {
  if (at === undefined || port === undefined) return undefined;
  const host = at.host === '127.0.0.1' ? 'localhost' : at.host.includes(':') ? `[${at.host}]` : at.host;
  return at.url ?? `${at.tls ? 'https' : 'http'}://${host}:${port}`;
}

/** The page of it that tells how the own mailbox's move stands. */
function webmailOf({ listen }: Config, ports: RunFile['ports']): string | undefined {
  const url = urlOf(listen.webmail, ports.webmail);
  return url && `${url}/settings/mailbox`;
}

function rangeOf(forecast: { readonly fromAt: Date; readonly toAt: Date; readonly madeAt: Date } | undefined): Forecast | undefined {
  return forecast && { fromAt: forecast.fromAt.getTime(), toAt: forecast.toAt.getTime(), madeAt: forecast.madeAt.getTime() };
}
