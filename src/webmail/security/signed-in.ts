/**
 * Who may look at, and change, by what an account signs in.
 *
 * Invariants: a browser's pass that sign-in still lets in, never an app password (whoever has one of them would make
 * himself more); a change needs the account's own password, shown in this browser within SURE_S.
 */
import type { Context } from 'hono';
import { z } from 'zod';
import type { AskSignIn } from '#gateway/ask-sign-in.ts';
import type { AppEnv } from '#http/app.ts';
import type { Pass } from '#signin/pass.ts';
import type { Customer } from '#signin/verdict.ts';
import { refusalOf, refusing } from '../refusal.ts';
import { createSealedCookie } from '#http/sealed-cookie.ts';
import type { Who } from '../who.ts';

/** To make an app password for a phone, find the phone, and type it there. */
const SURE_S = 600;

export type Owner = { readonly pass: Pass; readonly customer: Customer };

export type SignedIn = {
  /** @throws what refuses */
  owner(c: Context<AppEnv>): Promise<Owner>;
  /** An owner who has shown the password. @throws what refuses: `confirm`, when it is to be shown */
  sure(c: Context<AppEnv>): Promise<Owner>;
  isSure(c: Context<AppEnv>, pass: Pass): boolean;
  /** The password was shown. */
  becomeSure(c: Context<AppEnv>, pass: Pass): void;
};

export function createSignedIn({ who, askAgain, key, now }: { who: Who; askAgain: AskSignIn['askAgain']; key: Buffer; now: () => number }): SignedIn {
  const cookie = createSealedCookie({ name: 'sure', key, schema: z.strictObject({ pass: z.string() }), seconds: SURE_S, now });
  const isSure = (c: Context<AppEnv>, pass: Pass): boolean => cookie.read(c)?.pass === pass.id;

  async function owner(c: Context<AppEnv>): Promise<Owner> {
    if (c.req.header('authorization') !== undefined) throw refusing({ status: 403, code: 'scope', sentence: 'This is for browsers only.' });
    const pass = await who(c);
    const { verdict, place } = await askAgain(pass, c.req.raw.signal);
    if (place === undefined) throw refusalOf(verdict);
    place.leave();
    if (verdict.customer === undefined) throw refusalOf({ verdict: 'unavailable', reason: 'internal' });
    return { pass, customer: verdict.customer };
  }

  return {
    owner,
    async sure(c) {
      const found = await owner(c);
      if (!isSure(c, found.pass)) throw refusing({ status: 403, code: 'confirm', sentence: 'Please enter your password once more.' });
      return found;
    },
    isSure,
    becomeSure: (c, { id }) => cookie.set(c, { pass: id }),
  };
}
