/**
 * Signing in by the provider's own identity provider: the way there, the way back, and out of it again.
 *
 * Invariants: what comes back counts in the browser that was sent, within FOREIGN_S, once: state, nonce and verifier are in a
 * sealed cookie of it, so nobody signs a stranger's browser in as himself. It is the session's own random value that lets in
 * afterwards, made anew. A browser is sent on to pages of ours alone, and to the identity provider only by a page of ours.
 * The way back is told to the identity provider by the configuration's address, never by what a request calls us. Who signs
 * out has signed out here, whatever the identity provider does. Nothing of this stands in the way of password and passkey.
 */
import type { Context } from 'hono';
import { z } from 'zod';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { defineEvent, type Emit } from '#events/index.ts';
import type { App, AppEnv } from '#http/app.ts';
import { createAtOnce } from '#http/at-once.ts';
import { bodyOf } from '#http/body.ts';
import { createSealedCookie } from '#http/sealed-cookie.ts';
import { addressOf } from '#http/server.ts';
import type { Store } from '#store/index.ts';
import { type OidcRefusal, staffOidcBody } from '../api.ts';
import { type Sessions, SHIFT_MS } from '../sessions.ts';
import { type ClaimRules, shownBy } from './claims.ts';
import { endByWord, enterByWord } from './enter.ts';
import { createProvider, type ProviderSettings } from './provider.ts';

export type OidcSettings = ProviderSettings & ClaimRules & { readonly button: string };

const WAY = '/api/staff/sign-in/oidc';
/** Where the identity provider sends browsers back to. */
export const OIDC_BACK = `${WAY}/callback`;
/** Where it sends them when they have signed out there, too. */
export const OIDC_LEFT = '/desk/';
/** A password, a phone to be found, a password that has to be changed. */
const FOREIGN_S = 900;
/** Tabs of a browser that wait, each; the cookie stays below its cap. */
const TABS = 3;
/** States that served, remembered until they are over anyway: 600 sign-ins a minute. */
const USED = 10_000;
/** Of the identity provider's token, in the cookie that names it when it is left: browsers keep 4,096 bytes. Of a longer one it is left unnamed, and asks. */
const LONGEST_TOKEN = 2_800;
/** Each asks the identity provider once or twice; an office is one subscriber. */
const AT_ONCE = { total: 100, perSubscriber: 60 };

/** `why` is for the operator: it may name a person, and the command that helps. */
const refused = defineEvent<{ reason: OidcRefusal; why: string; network: string }>('staff.oidc-refused', 'warn', ['log', 'count'], ['reason']);

type Parts = {
  readonly settings: OidcSettings;
  readonly store: Store;
  readonly sessions: Sessions;
  /** How browsers reach us; undefined where nobody knows. */
  readonly originOf: (c: Context<AppEnv>) => string | undefined;
  readonly key: Buffer;
  readonly clock: Clock;
  readonly emit: Emit;
};

/** @returns where a browser that came in by it goes when it has signed out; undefined: nowhere */
export function addOidcSignIn(app: App, { settings, store, sessions, originOf, key, clock, emit }: Parts): (c: Context<AppEnv>) => Promise<string | undefined> {
  const provider = createProvider(settings, clock);
  const waiting = createSealedCookie({
    name: 'staff-oidc',
    key,
    schema: z.array(z.strictObject({ state: z.string(), nonce: z.string(), verifier: z.string(), to: z.string() })).max(TABS),
    seconds: FOREIGN_S,
    now: () => clock.now(),
    sameSite: 'Lax', // the way back is a link of another site
  });
  const cameIn = createSealedCookie({ name: 'staff-oidc-in', key, schema: z.strictObject({ idToken: z.string().optional() }), seconds: SHIFT_MS / 1_000, now: () => clock.now() });
  const used = new Set<string>();

  app.use(WAY, createAtOnce(AT_ONCE));
  app.use(OIDC_BACK, createAtOnce(AT_ONCE));

  app.post(WAY, async (c) => {
    const { to } = await bodyOf(c, staffOidcBody);
    const origin = originOf(c);
    if (origin === undefined) throw new CausewayError('unavailable', 'it is not known how browsers reach this', { place: 'listen.office.url' });
    const { url, begun } = await provider.begin(origin + OIDC_BACK).catch((error: unknown) => {
      emit(refused, { reason: 'unavailable', why: error instanceof Error ? error.message : '', network: addressOf(c.env) });
      throw error;
    });
    waiting.set(c, [{ ...begun, to: ownPage(to) }, ...(waiting.read(c) ?? [])].slice(0, TABS));
    return c.json({ url });
  });

  app.get(OIDC_BACK, async (c) => {
    const open = waiting.read(c) ?? [];
    const state = c.req.query('state');
    const begun = open.find((each) => each.state === state && !used.has(each.state));
    const origin = originOf(c);
    const no = (reason: OidcRefusal, why: string): Response => {
      emit(refused, { reason, why, network: addressOf(c.env) });
      return c.redirect(withReason(begun?.to ?? '/desk/', reason), 303);
    };
    if (begun === undefined || origin === undefined) return no('too-late', 'this browser has not been sent, or long ago, or came back before');
    used.add(begun.state);
    if (used.size > USED) used.delete(used.values().next().value!);
    const left = open.filter((each) => each !== begun);
    if (left.length === 0) waiting.drop(c);
    else waiting.set(c, left);

    const answer = await provider.finish(new URL(origin + OIDC_BACK + new URL(c.req.url).search), begun);
    if ('refusal' in answer) return no(answer.refusal, answer.why);
    const shown = shownBy(answer.claims, settings);
    if ('refusal' in shown) {
      if (shown.refusal === 'no-role') await endByWord(store, settings.issuer, answer.claims.sub);
      return no(shown.refusal, shown.why);
    }
    const entered = await enterByWord(store, settings.issuer, shown);
    if ('refusal' in entered) return no(entered.refusal, entered.why);
    await sessions.begin(c, entered.staff, 'oidc');
    if (answer.idToken !== undefined) cameIn.set(c, answer.idToken.length > LONGEST_TOKEN ? {} : { idToken: answer.idToken });
    return c.redirect(begun.to, 303);
  });

  return async (c) => {
    const came = cameIn.read(c);
    const origin = originOf(c);
    if (came === undefined || origin === undefined) return undefined;
    cameIn.drop(c);
    return provider.leave(came.idToken, origin + OIDC_LEFT);
  };
}

/** A page of desk or console, as it was asked for; else the desk's first. */
export function ownPage(asked: string): string {
  const here = 'https://own.invalid';
  const url = URL.parse(asked, here);
  if (url === null || url.origin !== here || !/^\/(desk|console)(\/|$)/.test(url.pathname)) return '/desk/';
  url.searchParams.delete('sign-in');
  return url.pathname + url.search;
}

function withReason(to: string, reason: OidcRefusal): string {
  const url = new URL(to, 'https://own.invalid');
  url.searchParams.set('sign-in', reason);
  return url.pathname + url.search;
}
