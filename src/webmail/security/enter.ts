/**
 * The end of every way in: a pass for this browser.
 *
 * Invariant: the pass is judged by sign-in as any other before it is given: an account that is suspended, closed or held
 * is told so, whatever it was that its owner showed.
 */
import type { Context } from 'hono';
import type { AskSignIn } from '#gateway/ask-sign-in.ts';
import type { AppEnv } from '#http/app.ts';
import { addressOf } from '#http/server.ts';
import type { Customer } from '#signin/verdict.ts';
import { makePass, type PassSeal, setPassCookie } from '../pass-cookie.ts';
import { refusalOf } from '../refusal.ts';
import type { SessionNotes } from '../session-notes.ts';

export type Enter = (c: Context<AppEnv>, who: { readonly accountId: number; readonly version: number; readonly stay: boolean }) => Promise<Customer>;

/** @returns throws what refuses */
export function createEnter({ askAgain, seal, notes, now }: { askAgain: AskSignIn['askAgain']; seal: PassSeal; notes: SessionNotes; now: () => number }): Enter {
  return async (c, { accountId, version, stay }) => {
    const pass = makePass(accountId, version, now());
    const { verdict, place } = await askAgain(pass, c.req.raw.signal);
    // The secret was changed in this moment: whoever comes again is judged by what is true then.
    if (place === undefined) throw refusalOf(verdict.verdict === 'unavailable' && verdict.reason === 'pass-ended' ? { verdict: 'unavailable', reason: 'changing' } : verdict);
    place.leave();
    if (verdict.customer === undefined) throw refusalOf({ verdict: 'unavailable', reason: 'internal' });
    giveTo(c, pass, stay);
    return verdict.customer;
  };

  function giveTo(c: Context<AppEnv>, pass: ReturnType<typeof makePass>, stay: boolean): void {
    notes.seen(pass, { network: addressOf(c.env), device: deviceOf(c) });
    setPassCookie(c, seal.seal(pass), stay);
  }
}

/** What the browser says of itself. */
export function deviceOf(c: Context<AppEnv>): string {
  return c.req.header('user-agent') ?? '';
}
