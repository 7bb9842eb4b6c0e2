/**
 * By what an account's owner signs in at the portal beside the secret, and what is asked after it: from memory, so that it
 * is known with the store and every platform dead.
 */
import type { Account, Passkey, SecondStep } from '#directory/account.ts';

export type SignInKeys = {
  readonly address: string;
  /** The credential version: a pass is made for it. */
  readonly version: number;
  /** Public keys. */
  readonly passkeys: readonly Passkey[];
  /** Sealed. */
  readonly secondStep: SecondStep | undefined;
};

export function keysOf({ address, credentialVersion, passkeys = [], secondStep }: Account): SignInKeys {
  return { address, version: credentialVersion, passkeys, secondStep };
}
