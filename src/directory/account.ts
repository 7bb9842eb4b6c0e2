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

/** What an app password may be used for. */
export type AppScope = 'imap' | 'pop3' | 'submission' | 'sieve' | 'webmail';

export const APP_SCOPES: readonly AppScope[] = ['imap', 'pop3', 'submission', 'sieve', 'webmail'];

/** One that was not revoked. */
export type AppPassword = {
  readonly id: number;
  readonly scope: readonly AppScope[];
  /** See secrets/app-password.ts; in base64. */
  readonly digest: string;
};

/** A public key by which its owner signs in without the secret. */
export type Passkey = {
  /** In base64url. */
  readonly id: string;
  /** COSE (RFC 9052, 7), in base64. */
  readonly publicKey: string;
};

/** A code of the owner's phone is asked for after the secret. */
export type SecondStep = {
  /** What the codes are made from, encrypted (second-step.ts); in base64. */
  readonly sealed: string;
  /** Mail programs show no codes: they get in with app passwords only. */
  readonly everywhere: boolean;
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
  /** The hashes of the two secrets before the present one, as far as we knew them, latest first. Absent: none. */
  readonly former?: readonly string[];
  /** Absent: none. */
  readonly appPasswords?: readonly AppPassword[];
  /** Digests of those that were revoked lately: a forgotten device's is no guess. Absent: none. */
  readonly revoked?: readonly string[];
  /** Passes of browsers that were ended before their time. Absent: none. */
  readonly endedPasses?: readonly string[];
  /** Absent: none. */
  readonly passkeys?: readonly Passkey[];
  /** Absent: the secret is enough. */
  readonly secondStep?: SecondStep;
  /** By platform, where one knows the account by another name than its address. Absent: all know it by that. */
  readonly platformLogins?: Readonly<Record<string, string>>;
  /** Recipients that the platforms may not know: see `addressAt`. Absent: none. */
  readonly ownRecipients?: readonly string[];
  /** How often a technician has unlocked it (desk-orders.ts). Absent: never. */
  readonly unlocks?: number;
  /** Epoch, ms: when a technician ended all of its sessions. Absent: never. */
  readonly sessionsEndedAt?: number;
  readonly loginNames: readonly string[];
  readonly recipients: readonly string[];
};

/** The name by which `platform` knows the account. */
export function loginAt(account: Pick<Account, 'address' | 'platformLogins'>, platform: string): string {
  return account.platformLogins?.[platform] ?? account.address;
}

/** The authority that is no platform. */
export const OURS = 'ours';
