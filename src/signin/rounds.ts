/**
 * The way of an attempt that cannot be judged in one turn: the store is asked for a name that we do not know, a hold is
 * waited out, the secret is checked; and all of it again when the account changed meanwhile.
 *
 * Invariants: `rejected` is given only for a finding `wrong`, of an account that was not held from before the check
 * until now, and for a login name that the store says does not exist. The answer comes by the limit.
 */
import type { Account, Route } from './accounts.ts';
import type { AtHand } from './at-hand.ts';
import { sameStanding } from './check.ts';
import { type Claim, claimOf } from './load/claim.ts';
import type { Digest } from './known-good/digest.ts';
import { Ended, type Limit, locked, unavailable } from './ended.ts';
import type { Flights } from './load/flights.ts';
import type { Give } from './give.ts';
import type { SignInParts } from './parts.ts';
import type { Seen } from './report.ts';
import type { Attempt, Finding, Register, Verdict } from './verdict.ts';
import { within } from './load/within.ts';

/** How often an account may change under one attempt (a hold that begins, a secret that is changed) before it is told
 * to come again. */
const ROUNDS = 4;

/** RFC 5321, 4.5.3.1: 64 of local part, `@`, 255 of domain. No longer name is anybody's. */
const LOGIN_LENGTH = 320;

/** @throws Ended when there is no verdict */
export type Rounds = (attempt: Attempt, register: Register, seen: Seen, limit: Limit) => Promise<Verdict>;

export function createRounds(
  parts: Pick<SignInParts, 'accounts' | 'routes' | 'checker' | 'hasher' | 'digestOf' | 'isFormer' | 'learn' | 'locks' | 'order' | 'clock'>,
  flights: Flights<Finding>,
  { held, appPassword, claim }: AtHand,
  { enter, reject }: Give,
): Rounds {
  const { accounts, routes, checker, hasher, digestOf, isFormer, learn, locks, order, clock } = parts;

  return async (attempt, register, seen, limit) => {
    let account = accounts.byLogin(attempt.login);
    for (let round = 0; round < ROUNDS; round++) {
      const mirrored = accounts.byLogin(attempt.login);
      if (account === undefined) {
        const stranger = locks.begin(undefined, attempt);
        if (typeof stranger === 'string') return locked(stranger);
        try {
          account = await storeSays(attempt.login, limit);
          if (account === undefined) return await unknownName(attempt, limit);
        } finally {
          stranger();
        }
      }
      seen.account = account;
      const answer = stateAnswer(account);
      if (answer !== undefined) return unavailable(answer);

      const before = await settled(account.id, limit);
      seen.home = before.home;
      const digest = digestOf(account, attempt.protocol, attempt.secret);
      const guess = locks.begin(account, attempt);
      if (typeof guess === 'string') return locked(guess);
      let finding: Finding;
      let former: boolean | undefined = false;
      const mine = claim(account, digest, attempt, seen, limit.signal);
      try {
        const app = appPassword(account, attempt);
        if (app === 'outside') return unavailable('scope');
        const known = app ?? held(digest);
        finding = known === undefined ? await within(look(account, digest, attempt.secret, mine), limit.signal) : { found: 'right', by: known };
        if (finding.found === 'wrong' && locks.counts(account, attempt)) {
          former = await within(isFormer(account, digest, attempt.secret, mine), limit.signal);
        }
      } finally {
        guess();
      }

      if (finding.found === 'nothing') return unavailable(finding.reason);
      if (finding.found === 'changed') {
        account = finding.account;
        continue;
      }
      if (finding.found === 'wrong') {
        // A refusal obtained while the account entered a hold may be the hold's fence speaking: wait it out, ask again.
        if (routes.homeNow(account.id)?.epoch !== before.epoch) continue;
        if (former === undefined) return unavailable('overload');
        return reject(account, attempt, digest, { mismatched: finding.mismatched, former }, seen);
      }
      if (routes.homeNow(account.id) === undefined) await settled(account.id, limit);
      const route = routes.homeNow(account.id);
      const current = accounts.byLogin(attempt.login);
      if (route === undefined) continue;
      // The instance's copy moved on under the check; one that merely is older than what the store confirmed did not.
      if (!same(current, mirrored) && !same(current, account)) {
        account = current;
        continue;
      }
      return enter(account, digest, attempt, finding.by, route, register, seen);
    }
    return unavailable('changing');
  };

  /** Equal secrets in flight are checked once; a `wrong` that was found from before this call on is not enough for it. */
  async function look(account: Account, digest: Digest, secret: string, mine: Claim): Promise<Finding> {
    const from = order();
    for (;;) {
      const finding = await flights.fly(digest, mine, async (shared) => {
        const found = await checker.check(account, digest, secret, shared);
        if (found.found === 'right' && found.by !== 'known-good' && found.by !== 'app-password') learn.right(account, digest, secret, found.by);
        return found;
      });
      if (finding.found !== 'wrong' || finding.judgedFrom > from) return finding;
    }
  }

  async function storeSays(login: string, limit: Limit): Promise<Account | undefined> {
    if (login.length > LOGIN_LENGTH) return undefined;
    try {
      return await within(accounts.confirmLogin(login), limit.signal);
    } catch {
      throw limit.signal.aborted ? limit.signal.reason : new Ended('store');
    }
  }

  /** The work of a check, so that the time of the answer does not tell which names exist. */
  async function unknownName(attempt: Attempt, limit: Limit): Promise<Verdict> {
    const stranger = claimOf(locks.subjectOf(undefined, attempt), { known: false, putOff: false, signal: limit.signal });
    try {
      await within(hasher.pretend(attempt.secret, stranger), limit.signal);
    } catch {
      throw limit.signal.aborted ? limit.signal.reason : new Ended('overload');
    }
    locks.rejected(undefined, attempt);
    return { verdict: 'rejected', reason: 'unknown-name' };
  }

  async function settled(accountId: number, limit: Limit): Promise<Route> {
    for (let tries = 0; tries < ROUNDS; tries++) {
      const route = routes.homeNow(accountId);
      if (route !== undefined) return route;
      try {
        await within(routes.home(accountId, { waitMs: Math.max(0, limit.deadline - clock.monotonic()), signal: limit.signal }), limit.signal);
      } catch {
        throw limit.signal.aborted && limit.signal.reason.reason === 'aborted' ? limit.signal.reason : new Ended('held');
      }
    }
    throw new Ended('held');
  }
}

function same(a: Account | undefined, b: Account | undefined): boolean {
  return a === undefined || b === undefined ? a === b : sameStanding(a, b);
}

/** What an account in this state is told, whatever its secret. */
export function stateAnswer(account: Pick<Account, 'state'>): 'suspended' | 'closed' | undefined {
  return account.state === 'suspended' || account.state === 'closed' ? account.state : undefined;
}
