/**
 * Signing in and out of the portal, and the list of browsers in which one is.
 *
 * Invariants: a secret is judged by sign-in, with its locks, and answered by its table: 401 after a completed check only,
 * 503 of an outage, with the sentence that the password is fine. Nothing of a secret is kept. Where the account has a
 * second step, a right secret gives no pass yet. Signing out needs no store:
 * the cookie goes at once, and that the pass is over is written down as soon as that can be.
 */
import type { Context } from 'hono';
import { deleteCookie, getCookie } from 'hono/cookie';
import { bodyLimit } from 'hono/body-limit';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import { endWebSessions, listWebSessions, noteWebSession } from '#directory/secrets/web-session.ts';
import { CausewayError } from '#errors/index.ts';
import type { AskSignIn } from '#gateway/ask-sign-in.ts';
import type { App, AppEnv } from '#http/app.ts';
import { RETRY_AFTER_SECONDS } from '#http/errors.ts';
import { addressOf } from '#http/server.ts';
import type { Store } from '#store/index.ts';
import { bodyOf } from '#http/body.ts';
import { PASS_COOKIE, type PassSeal } from './pass-cookie.ts';
import { type Told, tellRefusal } from './refusal.ts';
import type { SealedCookie } from '#http/sealed-cookie.ts';
import { signInBody } from './security/api.ts';
import { deviceOf, type Enter } from './security/enter.ts';
import type { RelyingParty } from '#http/relying-party.ts';
import { askForCode, type HalfPass } from './security/second-step-sign-in.ts';
import type { SignedIn } from './security/signed-in.ts';
import type { SessionNotes } from './session-notes.ts';

const endBody = z.union([z.strictObject({ id: z.string().max(64) }), z.strictObject({ others: z.literal(true) })]);

/** A name and a secret, or what an authenticator says; uploads have a limit of their own. */
const BODY_LIMIT = 32 * 1024;

type Parts = {
  readonly ask: AskSignIn['ask'];
  readonly signedIn: SignedIn;
  readonly enter: Enter;
  readonly halves: SealedCookie<HalfPass>;
  readonly rpOf: (c: Context<AppEnv>) => RelyingParty | undefined;
  /** Where customers use a reset link. */
  readonly resetUrl: string | undefined;
  readonly seal: PassSeal;
  readonly notes: SessionNotes;
  readonly store: Store;
  readonly holdBack: (since: number, signal: AbortSignal) => Promise<void>;
  readonly now: () => number;
  readonly monotonic: () => number;
};

export function addSignInApi(app: App, { ask, signedIn, enter, halves, rpOf, resetUrl, seal, notes, store, holdBack, now, monotonic }: Parts): void {
  app.use('/api/*', bodyLimit({ maxSize: BODY_LIMIT }));
  app.get('/api/sign-in', (c) => c.json({ passkeys: rpOf(c) !== undefined, reset: resetUrl ?? null }));

  app.post('/api/sign-in', async (c) => {
    const { login, secret, stay } = await bodyOf(c, signInBody);
    const since = monotonic();
    const { signal } = c.req.raw;
    const { verdict, place } = await ask({ protocol: 'webmail', login, secret, network: addressOf(c.env), device: deviceOf(c) }, signal);
    if (place === undefined) {
      await holdBack(since, signal);
      return told(c, tellRefusal(verdict));
    }
    place.leave();
    const { customer, accountId } = verdict;
    if (customer === undefined) throw new CausewayError('internal', 'sign-in does not say whom it let in');
    const half = { accountId, version: customer.version, stay };
    if (customer.secondStep === true) return askForCode(c, halves, half, customer.address);
    return c.json({ address: (await enter(c, half)).address });
  });

  app.post('/api/sign-out', async (c) => {
    const pass = seal.open(getCookie(c, PASS_COOKIE) ?? '');
    deleteCookie(c, PASS_COOKIE, { path: '/', secure: true });
    if (pass !== undefined) await notes.ended(pass);
    return c.json({});
  });

  app.get('/api/sessions', async (c) => {
    const { pass } = await signedIn.owner(c);
    const listed = await listWebSessions(store, pass.accountId);
    return c.json({ sessions: listed.map((session) => ({ ...session, current: session.id === pass.id })) });
  });

  app.post('/api/sessions/end', async (c) => {
    const { pass } = await signedIn.owner(c);
    const which = await bodyOf(c, endBody);
    const ended = await store.transaction(async (tx) => {
      if ('id' in which) return endWebSessions(tx, pass.accountId, which);
      // So that this one is there to be spared.
      await noteWebSession(tx, pass.accountId, { id: pass.id, madeAt: new Date(pass.madeAt), seenAt: new Date(now()), network: addressOf(c.env), device: c.req.header('user-agent') ?? '' });
      return endWebSessions(tx, pass.accountId, { allBut: pass.id });
    });
    return c.json({ ended });
  });
}

export function told(c: Context<AppEnv>, { status, code, sentence, retryAfterSeconds }: Told): Response {
  const after = retryAfterSeconds ?? (status === 503 ? RETRY_AFTER_SECONDS : undefined);
  if (after !== undefined) c.header('Retry-After', String(after));
  return c.json({ code, sentence }, status as ContentfulStatusCode);
}
