/** Puts together by what customers sign in at the portal, and what they do about it. */
import type { Context } from 'hono';
import type { PlatformConfig } from '#config/index.ts';
import { noteSignIns, platformFacts } from '#directory/index.ts';
import { createSeal } from '#directory/outbox/seal.ts';
import type { Clock } from '#events/clock.ts';
import type { AskAccount } from '#gateway/ask-account.ts';
import type { AskSignIn } from '#gateway/ask-sign-in.ts';
import type { App, AppEnv } from '#http/app.ts';
import { createHistory } from '#signin/history.ts';
import type { NetworkSettings } from '#signin/index.ts';
import { networkText } from '#signin/locks/network.ts';
import type { Store } from '#store/index.ts';
import type { PassSeal } from '../pass-cookie.ts';
import type { SealedCookie } from '#http/sealed-cookie.ts';
import type { SessionNotes } from '../session-notes.ts';
import type { Who } from '../who.ts';
import { createCodeLimits } from './code-limits.ts';
import { createCodes } from './codes.ts';
import { createEnter, type Enter } from './enter.ts';
import { addPasskeySignIn } from './passkey-sign-in.ts';
import { addPasskeysApi } from './passkeys-api.ts';
import { type RelyingParty, relyingPartyOf } from '#http/relying-party.ts';
import { addSecondStepApi } from './second-step-api.ts';
import { addSecondStepSignIn, createHalfPasses, type HalfPass } from './second-step-sign-in.ts';
import { addSecurityApi } from './security-api.ts';
import { createSignedIn, type SignedIn } from './signed-in.ts';

type Parts = {
  readonly who: Who;
  readonly ask: AskSignIn['ask'];
  readonly askAgain: AskSignIn['askAgain'];
  readonly account: AskAccount;
  readonly platforms: Readonly<Record<string, PlatformConfig>>;
  readonly seal: PassSeal;
  readonly notes: SessionNotes;
  readonly store: Store;
  readonly holdBack: (since: number, signal: AbortSignal) => Promise<void>;
  readonly key: Buffer;
  readonly keyLasts: boolean;
  readonly url: string | undefined;
  readonly resetUrl: string | undefined;
  readonly networks: Pick<NetworkSettings, 'ipv4Prefix' | 'ipv6Prefix'>;
  readonly clock: Clock;
};

export type Security = {
  readonly signedIn: SignedIn;
  readonly enter: Enter;
  readonly halves: SealedCookie<HalfPass>;
  readonly rpOf: (c: Context<AppEnv>) => RelyingParty | undefined;
  readonly resetUrl: string | undefined;
  /** The routes, but for those of sign-in-api.ts. */
  add(app: App): void;
  close(): Promise<void>;
};

export function createSecurity({ who, ask, askAgain, account, platforms, seal, notes, store, holdBack, key, keyLasts, url, resetUrl, networks, clock }: Parts): Security {
  const now = (): number => clock.now();
  const monotonic = (): number => clock.monotonic();
  const rpOf = (c: Context<AppEnv>): RelyingParty | undefined => relyingPartyOf(url, c.req.header('host'), 'encrypted' in c.env.incoming.socket);
  // What `serve` has of secrets, it writes down itself; here are passkeys and codes. It also forgets.
  const history = createHistory({ keeper: { noteSignIns: (seen) => noteSignIns(store, seen), forgetSignIns: async () => {} }, networkText: (address) => networkText(address, networks), clock });
  const signedIn = createSignedIn({ who, askAgain, key, now });
  const enter = createEnter({ askAgain, seal, notes, now });
  const halves = createHalfPasses(key, now);
  const codeSeal = keyLasts ? createSeal(key, 'second step') : undefined;
  const codes = createCodes({ seal: codeSeal, store, clock });
  const { keysOf } = account;
  return {
    signedIn,
    enter,
    halves,
    rpOf,
    resetUrl,
    add(app) {
      addSecondStepSignIn(app, { halves, keysOf, codes, limits: createCodeLimits(monotonic), enter, history, holdBack, monotonic });
      addPasskeySignIn(app, { rpOf, keysOf, enter, history, store, key, now });
      addSecurityApi(app, { signedIn, ask, account, rpOf, keyLasts, facts: platformFacts(Object.values(platforms)), seal, notes, store, holdBack, sleep: clock.sleep, now, monotonic });
      addPasskeysApi(app, { signedIn, rpOf, store, key, now });
      addSecondStepApi(app, { signedIn, seal: codeSeal, issuer: (host) => URL.parse(url ?? `http://${host ?? ''}`)?.hostname ?? 'Webmail', store, key, now });
    },
    close: history.close,
  };
}
