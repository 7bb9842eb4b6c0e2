/**
 * The challenges that passkeys sign to sign in (WebAuthn Level 3, 7.2), whoever's the keys are.
 *
 * Invariants: a challenge serves once, in the browser that asked for it, for CHALLENGE_S. The authenticator has to have
 * seen its owner (a fingerprint, a PIN), so a passkey is two factors. What an authenticator counts is not looked at: keys
 * that are on several devices count nothing. WebAuthn's library is loaded when somebody asks: with
 * what it needs it is 293 modules.
 */
import type { Context } from 'hono';
import { z } from 'zod';
import type { AppEnv } from './app.ts';
import type { assertion } from './passkey-forms.ts';
import type { RelyingParty } from './relying-party.ts';
import { createSealedCookie } from './sealed-cookie.ts';

/** The page asks again before that, since its autofill waits for as long as the page is open. */
const CHALLENGE_S = 600;
/** Tabs of a browser that wait for a passkey each. */
const TABS = 4;
/** Challenges that served, remembered until they are over anyway: 1,000 sign-ins a minute. */
const USED = 10_000;

export type PasskeyChecked =
  /** `giveBack`: what came then was not possible, and the same signature may be shown again. */
  | { readonly is: 'right'; giveBack(): void }
  | { readonly is: 'wrong' | 'late' };

export type PasskeyChallenges = {
  options(c: Context<AppEnv>, rp: RelyingParty): Promise<unknown>;
  /** Whether this browser has asked. */
  isOpen(c: Context<AppEnv>): boolean;
  check(c: Context<AppEnv>, rp: RelyingParty, response: z.infer<typeof assertion>, publicKey: Uint8Array<ArrayBuffer>): Promise<PasskeyChecked>;
  drop(c: Context<AppEnv>): void;
};

/** @param name of the cookie: a word @param now epoch, ms */
export function createPasskeyChallenges({ name, key, now }: { name: string; key: Buffer; now: () => number }): PasskeyChallenges {
  const cookie = createSealedCookie({ name, key, schema: z.array(z.string()).max(TABS), seconds: CHALLENGE_S, now });
  const used = new Set<string>();
  const use = (challenge: string): void => {
    used.add(challenge);
    if (used.size > USED) used.delete(used.values().next().value!);
  };
  return {
    async options(c, rp) {
      const { generateAuthenticationOptions } = await import('@simplewebauthn/server');
      const options = await generateAuthenticationOptions({ rpID: rp.id, userVerification: 'required', timeout: CHALLENGE_S * 1_000 });
      cookie.set(c, [options.challenge, ...(cookie.read(c) ?? [])].slice(0, TABS));
      return options;
    },
    isOpen: (c) => (cookie.read(c) ?? []).length > 0,
    async check(c, rp, response, publicKey) {
      const open = cookie.read(c) ?? [];
      let challenge = '';
      const isOurs = (given: string): boolean => {
        challenge = given;
        return open.includes(given) && !used.has(given);
      };
      const { verifyAuthenticationResponse } = await import('@simplewebauthn/server');
      const verified = await verifyAuthenticationResponse({
        response: { ...response, authenticatorAttachment: undefined },
        expectedChallenge: isOurs,
        expectedOrigin: rp.origin,
        expectedRPID: rp.id,
        requireUserVerification: true,
        credential: { id: response.id, publicKey, counter: 0 },
      }).then(
        (answer) => answer.verified,
        () => false,
      );
      if (!verified) return { is: challenge !== '' && !isOurs(challenge) ? 'late' : 'wrong' };
      use(challenge);
      return { is: 'right', giveBack: () => void used.delete(challenge) };
    },
    drop: cookie.drop,
  };
}
