/**
 * Whether a secret could be judged if it were presented now: asked before it is, by protocols that name the account
 * first, since a refusal before the secret makes no client ask for another one.
 *
 * Invariants: answered from memory, at once, with every dependency dead. Whoever might be admitted is let present a
 * secret: `false` only where no secret could be accepted or rejected. A login name that we do not know is answered as an
 * account of which nothing is held.
 */
import type { Accounts } from './accounts.ts';
import type { Authority } from './verifiers/ask.ts';
import type { Presence } from './known-good/presence.ts';
import type { Protocol } from './verdict.ts';

export type CouldJudge = (login: string, protocol: Protocol) => boolean;

export function createCouldJudge(parts: {
  accounts: Accounts;
  authorities: ReadonlyMap<string, Authority>;
  presence: Presence;
}): CouldJudge {
  const { accounts, authorities, presence } = parts;

  /** Asks each, also after one that cannot be asked: being asked is what keeps their sentinels going. */
  const allCanBeAsked = (): boolean => [...authorities.values()].map(({ verifier }) => verifier.canBeAsked()).every(Boolean);

  return (login, protocol) => {
    const account = accounts.byLogin(login);
    // A new account may not be in our copy yet, so a name is unknown only when the store says so.
    if (account === undefined) return accounts.fresh() && allCanBeAsked();
    if (account.state === 'suspended' || account.state === 'closed') return false;
    if (account.hash !== undefined || account.appPasswords !== undefined || presence.has(account, protocol)) return true;
    return authorities.get(account.authority)?.verifier.canBeAsked() ?? false;
  };
}
