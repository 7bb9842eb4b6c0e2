/**
 * One look at an account's secret, by whoever may judge it.
 *
 * Invariants: a hash that does not match rejects nobody by itself: with authority `ours` the store must confirm, after
 * the attempt came, that hash and version are current; with a platform's authority only the platform's own refusal
 * counts, proven healthy after it, and only while the store confirms that the authority is still that platform's. What
 * the store knows to be an app password of the account is never rejected. Once the store has been silent for too long,
 * our hash accepts nobody either: it may be that of a secret which was changed.
 */
import { findAppPassword, looksLikeAppPassword } from '#directory/secrets/app-password.ts';
import type { Clock } from '#events/clock.ts';
import type { Account, Accounts } from './accounts.ts';
import { askAuthority, type Authority } from './verifiers/ask.ts';
import type { Claim } from './load/claim.ts';
import type { Digest } from './known-good/digest.ts';
import type { Hasher, Match } from './load/hash.ts';
import type { KnownBad } from './known-good/known-bad.ts';
import type { Finding, Order } from './verdict.ts';
import { STORE_MS, timeLimit } from './load/within.ts';

export type Checker = {
  /** Never rejects. */
  check(account: Account, digest: Digest, secret: string, claim: Claim): Promise<Finding>;
};

export function createChecker(options: {
  accounts: Accounts;
  authorities: ReadonlyMap<string, Authority>;
  hasher: Hasher;
  knownBad: KnownBad;
  order: Order;
  clock: Clock;
  onUnsupported: (account: Account) => void;
}): Checker {
  const { accounts, authorities, hasher, knownBad, order, clock, onUnsupported } = options;

  async function matches(account: Account, digest: Digest, secret: string, claim: Claim): Promise<Match | 'none' | 'overload'> {
    const encoded = account.hash?.encoded;
    if (encoded === undefined) return 'none';
    if (knownBad.mismatched(digest, encoded)) return 'mismatch';
    try {
      const match = await hasher.verify(encoded, secret, claim);
      if (match === 'unsupported') onUnsupported(account);
      return match;
    } catch {
      return 'overload';
    }
  }

  async function checkOurs(account: Account, digest: Digest, secret: string, claim: Claim): Promise<Finding> {
    if (accounts.stale() && (await confirm(accounts, clock, account.id)) === undefined) return { found: 'nothing', reason: 'store' };
    // A secret that our own authority has rejected under this version needs no hash again, only the confirmation.
    const knownWrong = knownBad.isFinal(digest);
    const match = knownWrong ? 'mismatch' : await matches(account, digest, secret, claim);
    if (match === 'match') return { found: 'right', by: 'hash' };
    if (match === 'overload') return { found: 'nothing', reason: 'overload' };
    const judgedFrom = order();
    const store = await confirm(accounts, clock, account.id);
    if (store === undefined) return { found: 'nothing', reason: 'store' };
    const now = store.account;
    if (now === undefined || !sameStanding(now, account)) return { found: 'changed', account: now };
    if (!knownWrong && now.hash?.encoded !== account.hash?.encoded) return { found: 'changed', account: now };
    if (findAppPassword(now, secret) !== undefined) return { found: 'changed', account: now };
    if (match !== 'mismatch') return { found: 'nothing', reason: 'no-hash' };
    return { found: 'wrong', judgedFrom, mismatched: account.hash?.encoded };
  }

  async function checkPlatform(account: Account, digest: Digest, secret: string, claim: Claim): Promise<Finding> {
    // One that was made a moment ago is nothing to ask the platform about.
    if (looksLikeAppPassword(secret)) {
      const made = (await confirm(accounts, clock, account.id))?.account;
      if (made !== undefined && findAppPassword(made, secret) !== undefined) return { found: 'changed', account: made };
    }
    const match = accounts.stale() ? 'none' : await matches(account, digest, secret, claim);
    if (match === 'match') return { found: 'right', by: 'hash' };
    const authority = authorities.get(account.authority);
    if (authority === undefined) return { found: 'nothing', reason: 'no-verifier' };
    const asked = await askAuthority(authority, { account, digest, secret, claim });
    if (asked.answer === 'right') return { found: 'right', by: 'platform' };
    if (asked.answer === 'nothing') return { found: 'nothing', reason: asked.reason };
    const store = await confirm(accounts, clock, account.id);
    if (store === undefined) return { found: 'nothing', reason: 'store' };
    const now = store.account;
    if (now === undefined || !sameStanding(now, account)) return { found: 'changed', account: now };
    if (findAppPassword(now, secret) !== undefined) return { found: 'changed', account: now };
    const mismatched = match === 'mismatch' ? account.hash?.encoded : undefined;
    return { found: 'wrong', judgedFrom: asked.judgedFrom, mismatched };
  }

  return {
    check: (account, digest, secret, claim) => (account.authority === 'ours' ? checkOurs : checkPlatform)(account, digest, secret, claim),
  };
}

/**
 * The account as the store has it now; undefined when the store did not say.
 */
export async function confirm(accounts: Accounts, clock: Clock, id: number): Promise<{ account: Account | undefined } | undefined> {
  try {
    return { account: await timeLimit(accounts.confirm(id), STORE_MS, clock, 'the account') };
  } catch {
    return undefined;
  }
}

/** Whether what was found with the one holds for the other. */
export function sameStanding(a: Account, b: Account): boolean {
  return a.id === b.id && a.credentialVersion === b.credentialVersion && a.authority === b.authority && a.state === b.state;
}
