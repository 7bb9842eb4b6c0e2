/**
 * Whether anything at all is held as known good of an account: answered without a secret, so that a client can be told
 * before it presents one that there is nothing by which it could be judged.
 *
 * Invariants: kept among the known good, so it survives a restart as they do and ends when they end: after 14 days, with
 * the credential version, and not before the digest that it was made beside. It admits nobody: no secret has its digest.
 */
import type { Account } from '../accounts.ts';
import type { PresenceOf } from './digest.ts';
import type { KnownGood } from './known-good.ts';
import type { Protocol } from '../verdict.ts';

export type Presence = {
  /** Somebody was admitted. */
  admitted(account: Account, protocol: Protocol): void;
  has(account: Account, protocol: Protocol): boolean;
};

export function createPresence(knownGood: KnownGood, presenceOf: PresenceOf): Presence {
  return {
    admitted(account, protocol) {
      // Only POP3 asks before the secret; the others are judged in one step, and so need none.
      if (protocol !== 'pop3') return;
      const digest = presenceOf(account, protocol);
      // Once in a quarter of an hour is enough: each entry that changes makes the snapshot be written again.
      if (knownGood.find(digest)?.due !== false) knownGood.checked(digest);
    },
    has: (account, protocol) => knownGood.find(presenceOf(account, protocol)) !== undefined,
  };
}
