/** An account as the house speaks of it. Everything in it is public to our own processes; the hash goes no further. */

export type AccountState = 'active' | 'suspended' | 'send-blocked' | 'closed';
export const ACCOUNT_STATES: readonly AccountState[] = ['active', 'suspended', 'send-blocked', 'closed'];

/** Where a hash came from: an import file, a sign-in that a platform accepted, or a secret set through us. */
export type HashOrigin = 'imported' | 'captured' | 'ours';

export type Hash = {
  /** With Dovecot's scheme prefix: `{ARGON2ID}$argon2id$...`. */
  readonly encoded: string;
  readonly origin: HashOrigin;
};

export type Account = {
  readonly id: number;
  /** In lower case. */
  readonly address: string;
  readonly state: AccountState;
  /** Whose word on the secret is final: `ours`, or a platform's name. */
  readonly authority: string;
  readonly credentialVersion: number;
  readonly hash?: Hash;
  readonly loginNames: readonly string[];
  readonly recipients: readonly string[];
};

/** The authority that is no platform. */
export const OURS = 'ours';
