/**
 * The staff's sign-in on the office's app, and who asks for all other routes under `/api/`.
 *
 * Invariant: to be added before all other routes of `/api/`: it refuses what comes from other sites, and finds out who asks
 * (`guarded.ts` then says who may).
 */
import type { Context, MiddlewareHandler } from 'hono';
import { createSeal } from '#directory/outbox/seal.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import type { App, AppEnv } from '#http/app.ts';
import { createAtOnce } from '#http/at-once.ts';
import { type RelyingParty, relyingPartyOf } from '#http/relying-party.ts';
import { ownPagesOnly } from '#http/same-site.ts';
import { createHasher, type Hasher } from '#signin/index.ts';
import type { Store } from '#store/index.ts';
import { addAccountApi } from './account-api.ts';
import './guarded.ts';
import { createKnownBrowsers } from './known-browsers.ts';
import { addOidcSignIn, type OidcSettings } from './oidc/sign-in.ts';
import { createOwnPassword } from './own-password.ts';
import { addPasskeyApi } from './passkey-api.ts';
import { createSessions } from './sessions.ts';
import { endingWith } from './stream-end.ts';
import { addSignInApi } from './sign-in-api.ts';
import { createTries } from './tries.ts';

/** Sign-ins that are worked on; an office is one subscriber, and a shift begins within minutes. */
const SIGN_INS = { total: 100, perSubscriber: 60 };

export type StaffParts = {
  readonly store: Store;
  /** Under which cookies and the secrets of codes are sealed: 32 bytes. */
  readonly key: Buffer;
  readonly keyLasts: boolean;
  /** Where the staff find the pages, if that is configured. */
  readonly url: string | undefined;
  /** The provider's own identity provider, where there is one. */
  readonly oidc?: OidcSettings | undefined;
  /** By default one of our own, with one thread: the technicians of a shift sign in within minutes, at ten a second. */
  readonly hasher?: Hasher;
  readonly clock: Clock;
  readonly emit: Emit;
};

export function addStaffRoutes(app: App, { store, key, keyLasts, url, oidc, clock, emit, ...given }: StaffParts): { close(): Promise<void> } {
  const now = (): number => clock.now();
  const hasher = given.hasher ?? createHasher({ clock, emit, workers: 1 });
  const sessions = createSessions({ store, clock, emit });
  const known = createKnownBrowsers(key, now);
  const tries = createTries(clock);
  const ownPassword = createOwnPassword({ store, hasher, known, tries });
  const rpOf = (c: Context<AppEnv>): RelyingParty | undefined => relyingPartyOf(url, c.req.header('host'), 'encrypted' in c.env.incoming.socket);
  /** As relying parties: of what a request says only this machine's own name counts. */
  const originOf = (c: Context<AppEnv>): string | undefined => (url === undefined ? rpOf(c)?.origin : new URL(url).origin);

  const whoAsks: MiddlewareHandler<AppEnv> = async (c, next) => {
    const session = await sessions.find(c);
    if (session !== undefined) {
      c.set('staff', session.staff);
      c.set('sessionId', session.id);
    }
    await next();
    if (session === undefined) return;
    const ending = endingWith(c.res, () => sessions.isOpen(session.id), clock);
    if (ending !== c.res) c.res = ending;
  };
  app.use('/api/*', ownPagesOnly);
  app.use('/api/staff/sign-in', createAtOnce(SIGN_INS));
  app.use('/api/staff/sign-in/code', createAtOnce(SIGN_INS));
  const leave = oidc === undefined ? undefined : addOidcSignIn(app, { settings: oidc, store, sessions, originOf, key, clock, emit });
  addSignInApi(app, { store, hasher, seal: keyLasts ? sealOfCodes(key) : undefined, sessions, known, tries, rpOf, oidcButton: (c) => (originOf(c) === undefined ? undefined : oidc?.button), leave, key, now });
  app.use('/api/*', whoAsks);
  addPasskeyApi(app, { store, sessions, known, ownPassword, rpOf, key, now });
  addAccountApi(app, { store, hasher, sessions, ownPassword, rpOf });
  return { close: async () => (given.hasher === undefined ? hasher.close() : undefined) };
}

/** Of what phones make their codes from. */
export function sealOfCodes(key: Buffer): ReturnType<typeof createSeal> {
  return createSeal(key, 'second step');
}
