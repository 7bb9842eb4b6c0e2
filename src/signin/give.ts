/**
 * Giving a verdict on a secret that was judged: who is let in, and who is told that it was wrong.
 *
 * Invariant: from the sight of the open route to the registered session there is no waiting, so that no hold begins between.
 */
import { loginAt } from '#directory/account.ts';
import { wasAppPassword } from '#directory/secrets/app-password.ts';
import type { Account, Route } from './accounts.ts';
import { customerOf } from './customer.ts';
import type { Digest } from './known-good/digest.ts';
import { unavailable } from './ended.ts';
import type { SignInParts } from './parts.ts';
import type { Seen } from './report.ts';
import type { Attempt, Evidence, Register, Verdict } from './verdict.ts';

export type Give = {
  /** The session is registered and the verdict given, with no waiting in between. */
  enter(account: Account, digest: Digest, attempt: Attempt, by: Evidence, route: Route, register: Register, seen: Seen): Verdict;
  /** @param found the hash that did not match, if any did not, and whether the secret is one that was right before */
  reject(account: Account, attempt: Attempt, digest: Digest, found: { mismatched: string | undefined; former: boolean }, seen: Seen): Verdict;
};

export function createGive({ authorities, knownGood, knownBad, presence, beside, locks }: Pick<SignInParts, 'authorities' | 'knownGood' | 'knownBad' | 'presence' | 'beside' | 'locks'>): Give {
  return {
    enter(account, digest, attempt, by, route, register, seen) {
      seen.account = account;
      seen.by = by;
      // Whoever gave a wrong secret has not come this far: that an account is blocked is told to its owner alone.
      if (account.state === 'send-blocked' && attempt.protocol === 'submission') {
        locks.accepted(account, attempt, by);
        return unavailable('send-blocked');
      }
      // The portal asks for a code itself; a mail program cannot show one. That the secret is right, its owner alone is told.
      if (account.secondStep?.everywhere === true && attempt.protocol !== 'webmail' && by !== 'app-password') {
        locks.accepted(account, attempt, by);
        return unavailable('second-step');
      }
      const session = register(account.id, route);
      locks.accepted(account, attempt, by);
      presence.admitted(account, attempt.protocol);
      if (knownGood.find(digest)?.due) beside.start(account, digest, attempt.secret, session);
      const accepted = { verdict: 'accepted', accountId: account.id, address: loginAt(account, route.home), home: route.home } as const;
      return attempt.protocol === 'webmail' ? { ...accepted, customer: customerOf(account, by) } : accepted;
    },
    reject(account, attempt, digest, found, seen) {
      knownBad.rejected(digest, { final: account.authority === 'ours', hash: found.mismatched, former: found.former });
      authorities.get(account.authority)?.verifier.rejectionGiven();
      seen.former = locks.rejected(account, attempt, found.former);
      seen.revoked = wasAppPassword(account, attempt.secret);
      return { verdict: 'rejected', reason: 'secret' };
    },
  };
}
