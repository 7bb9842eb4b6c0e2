/**
 * The order of a verdict: account state, known good from a network with an earlier success, lock, app password, known
 * good, known bad, check. No such network is ever locked, so the lock is looked at first.
 *
 * Here is the way of nearly everybody, which ends in the turn in which it begins; the way of the others is `rounds.ts`.
 *
 * Invariants: `accepted` is given only when the session was registered in the same turn of the event loop in which the
 * route was seen not held. Every attempt ends within ten seconds. A secret that is known good needs neither store nor
 * platform nor hash, and not one turn of waiting.
 */
import { NEEDLESS } from '#events/clock.ts';
import { messageOf } from '#errors/index.ts';
import { createAtHand } from './at-hand.ts';
import { Ended, locked, unavailable } from './ended.ts';
import { attemptFailed } from './events.ts';
import { createFlights } from './load/flights.ts';
import { createGive } from './give.ts';
import type { SignInParts } from './parts.ts';
import { presentable } from './presentable.ts';
import { createReport, type Seen } from './report.ts';
import { createRounds, stateAnswer } from './rounds.ts';
import type { Attempt, Finding, Register, Verdict } from './verdict.ts';

/** From the secret to the answer, all waits included: half of the shortest client time-out known (FairEmail, 20 s). */
const ATTEMPT_MS = 10_000;

/** Judges one attempt. Never rejects. `register` is called at most once, only for `accepted`. */
export type Judge = (attempt: Attempt, register: Register, signal?: AbortSignal) => Promise<Verdict>;

export function createJudge(parts: SignInParts): Judge {
  const { accounts, routes, digestOf, locks, clock, emit } = parts;
  const flights = createFlights<Finding>();
  const atHand = createAtHand(parts, flights);
  const give = createGive(parts);
  const rounds = createRounds(parts, flights, atHand, give);
  const report = createReport(parts);

  return async (attempt, register, signal) => {
    const beganAt = clock.monotonic();
    const seen: Seen = { account: undefined, by: undefined, home: 'none', putOff: false, former: false, revoked: false };
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
    const app = atHand.appPassword(account, attempt);
    if (app === 'outside') {
      seen.account = account;
      return unavailable('scope');
    }
    const digest = digestOf(account, attempt.protocol, attempt.secret);
    const route = routes.homeNow(account.id);
    const known = app ?? atHand.held(digest);
    if (route === undefined) return undefined;
    if (known !== undefined) return give.enter(account, digest, attempt, known, route, register, seen);
    if (!atHand.findsNoRoom(account, digest, attempt, seen)) return undefined;
    seen.account = account;
    return unavailable('verifier-busy');
  }

  async function judge(attempt: Attempt, register: Register, seen: Seen, signal: AbortSignal | undefined): Promise<Verdict> {
    if (!presentable(attempt)) {
      // Said of the account, so that whoever looks why a program does not get in sees that it came.
      seen.account = accounts.byLogin(attempt.login);
      return unavailable('undecodable');
    }
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
}
