/**
 * Making a passkey (WebAuthn Level 3, 7.1), whoever's it is.
 *
 * Invariants: a challenge is for one browser, one owner and CHALLENGE_S. Keys are discoverable and their owner verified at
 * each use, since they are shown instead of name, password and code. No attestation is asked for: which maker's it is, is
 * nobody's business here. The library is loaded when somebody asks.
 */
import type { Context } from 'hono';
import { z } from 'zod';
import type { AppEnv } from './app.ts';
import type { attestation } from './passkey-forms.ts';
import type { RelyingParty } from './relying-party.ts';
import { createSealedCookie } from './sealed-cookie.ts';

/** To fetch a key from the drawer. */
const CHALLENGE_S = 300;

export type PasskeyOwner = { readonly id: number; /** What the authenticator shows. */ readonly name: string; /** The authenticator keeps it, and gives it with each signature. No personal data. */ readonly handle: Uint8Array<ArrayBuffer> };
export type NewPasskey = { readonly id: string; readonly publicKey: Uint8Array; readonly synced: boolean };

export type PasskeyMaking = {
  options(c: Context<AppEnv>, rp: RelyingParty, owner: PasskeyOwner, have: readonly { readonly id: string; readonly transports?: readonly string[] }[]): Promise<unknown>;
  /** `late`: it was begun too long ago, or by another. `wrong`: no key that can be used. */
  verify(c: Context<AppEnv>, rp: RelyingParty, ownerId: number, response: z.infer<typeof attestation>): Promise<NewPasskey | 'late' | 'wrong'>;
};

/** @param name of the cookie: a word @param now epoch, ms */
export function createPasskeyMaking({ name, key, now }: { name: string; key: Buffer; now: () => number }): PasskeyMaking {
  const begun = createSealedCookie({ name, key, schema: z.strictObject({ owner: z.int(), challenge: z.string() }), seconds: CHALLENGE_S, now });
  return {
    async options(c, rp, owner, have) {
      const { generateRegistrationOptions } = await import('@simplewebauthn/server');
      const options = await generateRegistrationOptions({
        rpName: rp.id,
        rpID: rp.id,
        userID: owner.handle,
        userName: owner.name,
        userDisplayName: owner.name,
        attestationType: 'none',
        timeout: CHALLENGE_S * 1_000,
        excludeCredentials: have.map(({ id, transports = [] }) => ({ id, transports: [...transports] })),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      });
      begun.set(c, { owner: owner.id, challenge: options.challenge });
      return options;
    },
    async verify(c, rp, ownerId, response) {
      const open = begun.read(c);
      if (open?.owner !== ownerId) return 'late';
      const { verifyRegistrationResponse } = await import('@simplewebauthn/server');
      const given = { ...response, authenticatorAttachment: undefined, response: { ...response.response, transports: undefined } };
      const verified = await verifyRegistrationResponse({ response: given, expectedChallenge: open.challenge, expectedOrigin: rp.origin, expectedRPID: rp.id, requireUserVerification: true }).catch(() => undefined);
      if (verified?.verified !== true) return 'wrong';
      begun.drop(c);
      const { credential, credentialBackedUp } = verified.registrationInfo;
      return { id: credential.id, publicKey: credential.publicKey, synced: credentialBackedUp };
    },
  };
}
