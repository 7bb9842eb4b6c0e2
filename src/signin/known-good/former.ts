/**
 * Whether a wrong secret is one that the account had before: then a forgotten device sent it, and it counts for no lock.
 *
 * Invariants: it decides nothing but that. A secret that cannot be looked at (no room to hash) gets no verdict: a lock for
 * want of a look would be a customer's, and who floods the hashing must not guess for nothing. Each secret is looked at
 * once.
 */
import { wasAppPassword } from '#directory/secrets/app-password.ts';
import type { Account } from '../accounts.ts';
import type { Claim } from '../load/claim.ts';
import type { Digest } from './digest.ts';
import type { Hasher } from '../load/hash.ts';
import type { KnownBad } from './known-bad.ts';

/** Never rejects. Undefined: it could not be looked at. */
export type IsFormer = (account: Account, digest: Digest, secret: string, claim: Claim) => Promise<boolean | undefined>;

export function createIsFormer({ hasher, knownBad }: { hasher: Hasher; knownBad: KnownBad }): IsFormer {
  return async (account, digest, secret, claim) => {
    if (wasAppPassword(account, secret)) return true;
    if (account.former === undefined) return false;
    const before = knownBad.former(digest);
    if (before !== undefined) return before;
    try {
      for (const encoded of account.former) if ((await hasher.verify(encoded, secret, claim)) === 'match') return true;
      return false;
    } catch {
      return undefined;
    }
  };
}
