/** Wires what speaks HTTP to customers and to the provider's systems. */
import type { Config } from '#config/index.ts';
import { readResetLink } from '#directory/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { createHoldBack } from '#gateway/hold-back.ts';
import type { CertificateFiles } from '#net/certificate.ts';
import { freezeFrom } from '#desk/cases/freeze.ts';
import { addProviderCaseRoutes } from '#desk/cases/provider-api.ts';
import { createProvisioningApp } from '#provisioning/app.ts';
import { createSelfcareApp } from '#selfcare/app.ts';
import { schemeFault } from '#signin/index.ts';
import type { Store } from '#store/index.ts';
import type { RunFile } from './data-folder.ts';
import { openApp } from './open-app.ts';
import { factsOf } from './secrets.ts';
import { profilesByLink } from './settings-links.ts';
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

/** @throws CausewayError `config` when a port cannot be had */
export async function startHttp(parts: Parts): Promise<{ close(): Promise<void> }> {
  const { config, store, clock, emit, signIn } = parts;
  const { api, selfcare } = config.listen;
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(closers.splice(0).map((each) => each()));
  };
  try {
    if (selfcare !== undefined) {
      const profileFor = profilesByLink(config, parts.ports, clock);
      const app = createSelfcareApp({
        changeOwn: signIn.changeOwn,
        redeem: signIn.secrets.redeem,
        ...(profileFor === undefined ? {} : { profileFor }),
        readLink: (token) => readResetLink(store, token),
        holdBack: createHoldBack(clock, Math.random),
        now: () => clock.monotonic(),
        emit,
      });
      closers.push(await openApp('selfcare', app, parts));
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
      addProviderCaseRoutes(app, { store, freeze: freezeFrom(store) });
      closers.push(await openApp('api', app, parts));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}
