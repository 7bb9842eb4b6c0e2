/**
 * What is known of an attempt without waiting for anything: whether its secret is held as good, or is an app password, and
 * how it stands in the queue for a check.
 *
 * Invariant: after too long without the store nothing that we remember is believed: see `stale` of the accounts.
 */
import { type AppScope } from '#directory/account.ts';
import { findAppPassword, looksLikeAppPassword } from '#directory/secrets/app-password.ts';
import type { Account } from './accounts.ts';
import { type Claim, claimOf } from './load/claim.ts';
import type { Digest } from './known-good/digest.ts';
import type { Flights } from './load/flights.ts';
import type { SignInParts } from './parts.ts';
import type { Seen } from './report.ts';
import type { Attempt, Finding } from './verdict.ts';

export type AtHand = {
  held(digest: Digest): 'known-good' | undefined;
  /** Whether the secret is an app password of the account, and one for this protocol. */
  appPassword(account: Account, attempt: Attempt): 'app-password' | 'outside' | undefined;
  claim(account: Account, digest: Digest, attempt: Attempt, seen: Seen, signal: AbortSignal | undefined): Claim;
  /**
   * Whether the whole way would end at a verifier that has no room: a hash of ours cannot let the customer in, and nobody
   * asks the same already. The whole way costs a tenth of a millisecond, and of ten times the capacity nine go it in vain.
   */
  findsNoRoom(account: Account, digest: Digest, attempt: Attempt, seen: Seen): boolean;
};

export function createAtHand(parts: Pick<SignInParts, 'accounts' | 'authorities' | 'knownGood' | 'knownBad' | 'appUse' | 'locks'>, flights: Flights<Finding>): AtHand {
  const { accounts, authorities, knownGood, knownBad, appUse, locks } = parts;

  function claim(account: Account, digest: Digest, attempt: Attempt, seen: Seen, signal: AbortSignal | undefined): Claim {
    seen.putOff = knownBad.lately(digest) || locks.isStale(account, attempt);
    return claimOf(account.id, { known: locks.knows(account, attempt), putOff: seen.putOff, signal, onRefused: () => locks.suspected(account, attempt) });
  }

  return {
    claim,
    held(digest) {
      return knownGood.find(digest) !== undefined && !accounts.stale() ? 'known-good' : undefined;
    },
    appPassword(account, attempt) {
      const app = findAppPassword(account, attempt.secret);
      if (app === undefined || accounts.stale()) return undefined;
      if (!app.scope.includes(attempt.protocol satisfies AppScope)) return 'outside';
      appUse.note(app.id);
      return 'app-password';
    },
    findsNoRoom(account, digest, attempt, seen) {
      const verifier = authorities.get(account.authority)?.verifier;
      if (verifier === undefined || looksLikeAppPassword(attempt.secret) || flights.has(digest)) return false;
      if (account.hash !== undefined && !knownBad.mismatched(digest, account.hash.encoded)) return false;
      return verifier.isFull(claim(account, digest, attempt, seen, undefined));
    },
  };
}
