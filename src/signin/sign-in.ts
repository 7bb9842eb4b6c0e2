/**
 * The order of a verdict: account state, known good from a network with an earlier success, lock, app password, known
 * good, known bad, check. No such network is ever locked, so the lock is looked at first.
 *
 * Invariants: `rejected` is given only for a finding `wrong`, of an account that was not held from before the check
 * until now, and for a login name that the store says does not exist. `accepted` is given only when the session was
 * registered in the same turn of the event loop in which the route was seen not held. Every attempt ends within ten
 * seconds. A secret that is known good needs neither store nor platform nor hash, and not one turn of waiting.
 */
import { type Clock, NEEDLESS } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { messageOf } from '#errors/index.ts';
import type { Signs } from '#incident/index.ts';
import { type AppScope, loginAt } from '#directory/account.ts';
import { findAppPassword, looksLikeAppPassword } from '#directory/secrets/app-password.ts';
import type { Account, Accounts, Route, Routes } from './accounts.ts';
import type { Authority } from './ask.ts';
import type { Beside } from './beside.ts';
import { type Checker, sameStanding } from './check.ts';
import { type Claim, claimOf } from './claim.ts';
import type { Digest, DigestOf } from './digest.ts';
import { attemptFailed, verdictCounted, verdictGiven, verdictsUnwritten } from './events.ts';
import { createFlights } from './flights.ts';
import type { IsFormer } from './former.ts';
import type { Hasher } from './hash.ts';
import type { KnownBad } from './known-bad.ts';
import type { KnownGood } from './known-good.ts';
import type { LazyNote } from './lazy-note.ts';
import type { Learn } from './learn.ts';
import type { LockedReason, Locks } from './locks/index.ts';
import type { Presence } from './presence.ts';
import type { Attempt, Evidence, Finding, Order, Register, UnavailableReason, Verdict } from './verdict.ts';
import type { Count } from './verifier.ts';
import { within } from './within.ts';

/** From the secret to the answer, all waits included: half of the shortest client time-out known (FairEmail, 20 s). */
const ATTEMPT_MS = 10_000;

/** How often an account may change under one attempt (a hold that begins, a secret that is changed) before it is told
 * to come again. */
const ROUNDS = 4;

/** Longer than any secret that a platform lets be set (NIST SP 800-63B asks for 64 at least; Dovecot's and PAM's limits
 * are 512 and 1,024); crypt(3)'s work grows with the square of it. */
const SECRET_BYTES = 1024;

/** RFC 5321, 4.5.3.1: 64 of local part, `@`, 255 of domain. No longer name is anybody's. */
const LOGIN_LENGTH = 320;

/** Refusals for want of room that are written down in a second: enough to see who they are. */
const WRITTEN = 50;

export type SignInParts = {
  accounts: Accounts;
  routes: Routes;
  authorities: ReadonlyMap<string, Authority>;
  checker: Checker;
  hasher: Hasher;
  digestOf: DigestOf;
  knownGood: KnownGood;
  presence: Presence;
  knownBad: KnownBad;
  isFormer: IsFormer;
  appUse: LazyNote;
  learn: Learn;
  beside: Beside;
  locks: Locks;
  incidents: Signs;
  order: Order;
  clock: Clock;
  emit: Emit;
  count: Count;
};

/** Judges one attempt. Never rejects. `register` is called at most once, only for `accepted`. */
export type Judge = (attempt: Attempt, register: Register, signal?: AbortSignal) => Promise<Verdict>;

export function createJudge(parts: SignInParts): Judge {
  const { accounts, routes, authorities, checker, hasher, digestOf, knownGood, presence, knownBad, isFormer, appUse, learn, beside, locks, incidents, order, clock, emit, count } = parts;
  const flights = createFlights<Finding>();
  let written = { second: 0, times: 0, left: 0 };

  return async (attempt, register, signal) => {
    const beganAt = clock.monotonic();
    const seen: Seen = { account: undefined, by: undefined, home: 'none', putOff: false };
    let verdict: Verdict;
    try {
      verdict = inOneTurn(attempt, register, seen) ?? (await judge(attempt, register, seen, signal));
    } catch (error) {
      verdict = unavailable(error instanceof Ended ? error.reason : 'internal');
      if (!(error instanceof Ended)) emit(attemptFailed, { message: messageOf(error) });
    }
    report(attempt, verdict, seen, clock.monotonic() - beganAt);
    return verdict;
  };

  /** The way of nearly everybody, and in a storm of nearly everybody who finds no room: all of it in one turn. */
  function inOneTurn(attempt: Attempt, register: Register, seen: Seen): Verdict | undefined {
    const account = accounts.byLogin(attempt.login);
    if (account === undefined || stateAnswer(account) !== undefined || !presentable(attempt)) return undefined;
    const lock = locks.refuses(account, attempt);
    if (lock !== undefined) {
      seen.account = account;
      return locked(lock);
    }
    const app = appPassword(account, attempt);
    if (app === 'outside') {
      seen.account = account;
      return unavailable('scope');
    }
    const digest = digestOf(account, attempt.protocol, attempt.secret);
    const route = routes.homeNow(account.id);
    const known = app ?? held(digest);
    if (route === undefined) return undefined;
    if (known !== undefined) return enter(account, digest, attempt, known, route, register, seen);
    if (!findsNoRoom(account, digest, attempt, seen)) return undefined;
    seen.account = account;
    return unavailable('verifier-busy');
  }

  /**
   * Whether the whole way would end at a verifier that has no room: a hash of ours cannot let the customer in, and nobody
   * asks the same already. The whole way costs a tenth of a millisecond, and of ten times the capacity nine go it in vain.
   */
  function findsNoRoom(account: Account, digest: Digest, attempt: Attempt, seen: Seen): boolean {
    const verifier = authorities.get(account.authority)?.verifier;
    if (verifier === undefined || looksLikeAppPassword(attempt.secret) || flights.has(digest)) return false;
    if (account.hash !== undefined && !knownBad.mismatched(digest, account.hash.encoded)) return false;
    return verifier.isFull(claim(account, digest, attempt, seen, undefined));
  }

  function claim(account: Account, digest: Digest, attempt: Attempt, seen: Seen, signal: AbortSignal | undefined): Claim {
    seen.putOff = knownBad.lately(digest) || locks.isStale(account, attempt);
    return claimOf(account.id, { known: locks.knows(account, attempt), putOff: seen.putOff, signal, onRefused: () => locks.suspected(account, attempt) });
  }

  /** After too long without the store nothing that we remember is believed: see `stale` of the accounts. */
  function held(digest: Digest): 'known-good' | undefined {
    return knownGood.find(digest) !== undefined && !accounts.stale() ? 'known-good' : undefined;
  }

  /** Whether the secret is an app password of the account, and one for this protocol. */
  function appPassword(account: Account, attempt: Attempt): 'app-password' | 'outside' | undefined {
    const app = findAppPassword(account, attempt.secret);
    if (app === undefined || accounts.stale()) return undefined;
    if (!app.scope.includes(attempt.protocol satisfies AppScope)) return 'outside';
    appUse.note(app.id);
    return 'app-password';
  }

  async function judge(attempt: Attempt, register: Register, seen: Seen, signal: AbortSignal | undefined): Promise<Verdict> {
    if (!presentable(attempt)) return unavailable('undecodable');
    const deadline = clock.monotonic() + ATTEMPT_MS;
    const end = new AbortController();
    const onAbort = (): void => end.abort(new Ended('aborted'));
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    const late = clock.after(ATTEMPT_MS, () => end.abort(new Ended('deadline')));
    try {
      return await rounds(attempt, register, seen, { deadline, signal: end.signal });
    } finally {
      late();
      end.abort(NEEDLESS);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async function rounds(attempt: Attempt, register: Register, seen: Seen, limit: Limit): Promise<Verdict> {
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
        return reject(account, attempt, digest, { mismatched: finding.mismatched, former });
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
  }

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

  /** The session is registered and the verdict given, with no waiting in between. */
  function enter(account: Account, digest: Digest, attempt: Attempt, by: Evidence, route: Route, register: Register, seen: Seen): Verdict {
    seen.account = account;
    seen.by = by;
    // Whoever gave a wrong secret has not come this far: that an account is blocked is told to its owner alone.
    if (account.state === 'send-blocked' && attempt.protocol === 'submission') {
      locks.accepted(account, attempt, by);
      return unavailable('send-blocked');
    }
    const session = register(account.id, route);
    locks.accepted(account, attempt, by);
    presence.admitted(account, attempt.protocol);
    if (knownGood.find(digest)?.due) beside.start(account, digest, attempt.secret, session);
    return { verdict: 'accepted', accountId: account.id, address: loginAt(account, route.home), home: route.home };
  }

  function reject(account: Account, attempt: Attempt, digest: Digest, found: { mismatched: string | undefined; former: boolean }): Verdict {
    knownBad.rejected(digest, { final: account.authority === 'ours', hash: found.mismatched, former: found.former });
    authorities.get(account.authority)?.verifier.rejectionGiven();
    locks.rejected(account, attempt, found.former);
    return { verdict: 'rejected', reason: 'secret' };
  }

  /** Whether the verdict is to be written down. A storm's thousands of refusals a second would cost more than the refusing. */
  function loud(verdict: Verdict): boolean {
    if (verdict.verdict !== 'unavailable' || !CROWDED.has(verdict.reason)) return true;
    const second = Math.floor(clock.monotonic() / 1000);
    if (second !== written.second) {
      if (written.left > 0) emit(verdictsUnwritten, { verdicts: written.left });
      written = { second, times: 0, left: 0 };
    }
    if (written.times >= WRITTEN) {
      written.left += 1;
      return false;
    }
    written.times += 1;
    return true;
  }

  function report(attempt: Attempt, verdict: Verdict, seen: Seen, milliseconds: number): void {
    const platform = (seen.account && routes.homeNow(seen.account.id)?.home) ?? seen.home;
    emit(loud(verdict) ? verdictGiven : verdictCounted, {
      verdict: verdict.verdict,
      reason: verdict.verdict === 'accepted' ? (seen.by ?? 'none') : verdict.reason,
      protocol: attempt.protocol,
      platform,
      authority: seen.account?.authority ?? 'none',
      accountId: seen.account?.id,
      milliseconds: Math.round(milliseconds),
    });
    if (seen.account !== undefined && tellsOfService(verdict, seen) && locks.knows(seen.account, attempt)) {
      incidents.known(seen.account.authority, attempt.protocol, seen.account.id, verdict.verdict === 'accepted');
    }
    if (verdict.verdict === 'unavailable' && UNCOUNTED.has(verdict.reason)) return;
    count(`signin.${verdict.verdict}`, platform);
  }
}

const CROWDED: ReadonlySet<UnavailableReason> = new Set(['verifier-busy', 'verifier-down', 'overload']);

/** Not a failing of ours, so no gate may close on it: the account's state, a client that left, an app password for another protocol. */
const UNCOUNTED: ReadonlySet<UnavailableReason> = new Set(['suspended', 'closed', 'send-blocked', 'aborted', 'scope']);

/** We could not serve: what, given to known customers, makes an incident. A hold is none, nor what a client did itself. */
const OUTAGE: ReadonlySet<UnavailableReason> = new Set(['store', 'overload', 'no-hash', 'no-verifier', 'verifier-busy', 'verifier-down', 'verifier-unproven', 'deadline', 'internal']);

function tellsOfService(verdict: Verdict, { putOff }: Seen): boolean {
  return verdict.verdict === 'accepted' || (verdict.verdict === 'unavailable' && OUTAGE.has(verdict.reason) && !putOff);
}

/** What the report says of an attempt. */
type Seen = { account: Account | undefined; by: Evidence | undefined; home: string; /** Its secret most likely is wrong, so that it had to wait for others is no failing. */ putOff: boolean };

/** By when an attempt ends. `signal` is aborted with an `Ended`. */
type Limit = { readonly deadline: number; readonly signal: AbortSignal };

/** The attempt ends without a verdict on the secret. */
class Ended extends Error {
  readonly reason: UnavailableReason;

  constructor(reason: UnavailableReason) {
    super(reason);
    this.reason = reason;
  }
}

function unavailable(reason: UnavailableReason): Verdict {
  return { verdict: 'unavailable', reason };
}

function locked(reason: LockedReason): Verdict {
  return { verdict: 'locked', reason };
}

function same(a: Account | undefined, b: Account | undefined): boolean {
  return a === undefined || b === undefined ? a === b : sameStanding(a, b);
}

function stateAnswer(account: Account): 'suspended' | 'closed' | undefined {
  return account.state === 'suspended' || account.state === 'closed' ? account.state : undefined;
}

/**
 * U+FFFD is what decoding leaves of bytes that are no UTF-8: what the customer typed is gone, and must not be judged.
 * NUL can be sent on to no platform (RFC 4616, RFC 9051).
 */
function presentable({ secret }: Attempt): boolean {
  return Buffer.byteLength(secret) <= SECRET_BYTES && !secret.includes('\uFFFD') && !secret.includes('\0');
}
