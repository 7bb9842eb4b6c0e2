/**
 * Whose request it is: by the cookie's pass, or, of other JMAP clients, by an app password (RFC 8620, 8.2; RFC 7617).
 *
 * Invariants: an app password is judged anew with each request, by sign-in, in memory. What is no pass of ours is told as
 * signed out, never as a wrong password.
 */
import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import type { AppEnv } from '#http/app.ts';
import { addressOf } from '#http/server.ts';
import type { AskSignIn } from '#gateway/ask-sign-in.ts';
import type { Pass } from '#signin/pass.ts';
import { PASS_COOKIE, type PassSeal } from './pass-cookie.ts';
import { refusalOf } from './refusal.ts';
import type { SessionNotes } from './session-notes.ts';

export type Who = (c: Context<AppEnv>) => Promise<Pass>;

/** @param holdBack resolves when a refusal of a secret may be told */
export function createWho({ seal, ask, notes, holdBack, now, monotonic }: { seal: PassSeal; ask: AskSignIn['ask']; notes: SessionNotes; holdBack: (since: number, signal: AbortSignal) => Promise<void>; now: () => number; monotonic: () => number }): Who {
  return async (c) => {
    const network = addressOf(c.env);
    const basic = basicOf(c.req.header('authorization'));
    if (basic === undefined) {
      const pass = seal.open(getCookie(c, PASS_COOKIE) ?? '');
      if (pass === undefined) throw refusalOf({ verdict: 'unavailable', reason: 'pass-ended' });
      notes.seen(pass, { network, device: c.req.header('user-agent') ?? '' });
      return pass;
    }
    const since = monotonic();
    const { signal } = c.req.raw;
    const { verdict, place } = await ask({ protocol: 'webmail', ...basic, network, device: c.req.header('user-agent') ?? '' }, signal);
    if (place === undefined) {
      await holdBack(since, signal);
      throw refusalOf(verdict);
    }
    place.leave();
    // Each request would show the secret, and none can show a code.
    if (verdict.customer?.secondStep === true && verdict.customer.byAppPassword !== true) throw refusalOf({ verdict: 'unavailable', reason: 'second-step' });
    // Nothing is shown by it but that this account was let in just now.
    return { id: `basic-${verdict.accountId}`, accountId: verdict.accountId, version: verdict.customer?.version ?? 0, madeAt: now() };
  };
}

/** RFC 7617 section 2; in UTF-8 (2.1). */
function basicOf(header: string | undefined): { login: string; secret: string } | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : { login: text.slice(0, colon), secret: text.slice(colon + 1) };
}
