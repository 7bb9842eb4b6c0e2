/**
 * What is said of a verdict once it is given: to the log, to the counters that gates read, to whoever watches for incidents.
 *
 * Invariants: nothing here changes a verdict. Every verdict is counted; in a storm not every refusal is written down. Only
 * refusals of ours, given to customers who signed in before from where they are, speak for an incident.
 */
import type { SignInOutcome, SignInReason } from '#directory/secrets/sign-in-seen.ts';
import type { Account } from './accounts.ts';
import { verdictCounted, verdictGiven, verdictsUnwritten } from './events.ts';
import type { SignInParts } from './parts.ts';
import type { History } from './history.ts';
import type { Attempt, Evidence, Protocol, UnavailableReason, Verdict } from './verdict.ts';

/** What the report says of an attempt. */
export type Seen = {
  account: Account | undefined;
  by: Evidence | undefined;
  home: string;
  /** Its secret most likely is wrong, so that it had to wait for others is no failing. */
  putOff: boolean;
  /** A wrong secret was one of the account's own before. */
  former: boolean;
  /** It was an app password, and was revoked. */
  revoked: boolean;
};

/** Refusals for want of room that are written down in a second: enough to see who they are. */
const WRITTEN = 50;

const CROWDED: ReadonlySet<UnavailableReason> = new Set(['verifier-busy', 'verifier-down', 'overload']);

/** Not a failing of ours, so no gate may close on it: the account's state, a client that left, an app password for another protocol. */
const UNCOUNTED: ReadonlySet<UnavailableReason> = new Set(['suspended', 'closed', 'send-blocked', 'aborted', 'scope', 'second-step']);

/** We could not serve: what, given to known customers, makes an incident. A hold is none, nor what a client did itself. */
const OUTAGE: ReadonlySet<UnavailableReason> = new Set(['store', 'overload', 'no-hash', 'no-verifier', 'verifier-busy', 'verifier-down', 'verifier-unproven', 'deadline', 'internal']);

export type Report = (attempt: Attempt, verdict: Verdict, seen: Seen, milliseconds: number) => void;

export function createReport({ routes, locks, toldLocks, incidents, onServed, history, clock, emit, count }: Pick<SignInParts, 'routes' | 'locks' | 'toldLocks' | 'incidents' | 'onServed' | 'history' | 'clock' | 'emit' | 'count'>): Report {
  let written = { second: 0, times: 0, left: 0 };

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

  return (attempt, verdict, seen, milliseconds) => {
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
    if (seen.account !== undefined) {
      note(history, seen.account, platform, attempt, verdict, seen);
      tellServed(onServed, seen.account, verdict, seen.by);
      if (verdict.verdict === 'accepted') toldLocks.touchIfTold(seen.account);
      else if (verdict.verdict !== 'unavailable') toldLocks.touch(seen.account);
    }
    if (seen.account !== undefined && tellsOfService(verdict, seen) && locks.knows(seen.account, attempt)) {
      incidents.known(seen.account.authority, attempt.protocol, seen.account.id, verdict.verdict === 'accepted');
    }
    if (verdict.verdict === 'unavailable' && UNCOUNTED.has(verdict.reason)) return;
    count(`signin.${verdict.verdict}`, platform);
  };
}

function tellsOfService(verdict: Verdict, { putOff }: Seen): boolean {
  return verdict.verdict === 'accepted' || (verdict.verdict === 'unavailable' && OUTAGE.has(verdict.reason) && !putOff);
}

const OURS: ReadonlySet<UnavailableReason> = new Set(['store', 'overload']);
const PLATFORMS: ReadonlySet<UnavailableReason> = new Set(['verifier-busy', 'verifier-down', 'verifier-unproven', 'deadline']);

/** What was remembered as right tells nothing of who judges. */
function tellServed(tell: SignInParts['onServed'], { id, authority }: Account, verdict: Verdict, by: Evidence | undefined): void {
  if (verdict.verdict === 'unavailable') {
    if (OURS.has(verdict.reason)) tell('ours', id, false);
    else if (PLATFORMS.has(verdict.reason)) tell(authority, id, false);
  } else if (verdict.verdict === 'rejected') {
    tell(authority, id, true);
    // It was confirmed by the store.
    if (authority !== 'ours') tell('ours', id, true);
  } else if (by === 'platform') tell(authority, id, true);
  else if (by === 'hash' || by === 'app-password') tell('ours', id, true);
}

function note(history: History, account: Account, home: string | undefined, { protocol, network, device = '' }: Attempt, verdict: Verdict, { by, former, revoked }: Seen): void {
  const outcome = outcomeOf(account, protocol, verdict, by);
  if (outcome === undefined) return;
  const means = outcome === 'accepted' || outcome === 'code-asked' || outcome === 'app-password-needed' ? (by === 'app-password' ? 'app-password' : 'password') : 'none';
  history.note({ accountId: account.id, protocol, network, device, outcome, means, reason: reasonOf(verdict, revoked ? 'revoked' : former ? 'former' : 'secret'), standing: `${account.credentialVersion} ${home ?? ''}` });
}

function reasonOf(verdict: Verdict, wrong: SignInReason): SignInReason {
  if (verdict.verdict === 'accepted') return '';
  if (verdict.verdict === 'rejected') return wrong;
  return verdict.reason as SignInReason;
}

/** In words that concern the account's owner. Undefined: nothing was presented that she would want to know of. */
function outcomeOf(account: Account, protocol: Protocol, verdict: Verdict, by: Evidence | undefined): SignInOutcome | undefined {
  if (verdict.verdict === 'accepted') return protocol === 'webmail' && account.secondStep !== undefined && by !== 'app-password' ? 'code-asked' : 'accepted';
  if (verdict.verdict !== 'unavailable') return verdict.verdict;
  switch (verdict.reason) {
    case 'aborted':
      return undefined;
    case 'second-step':
      return 'app-password-needed';
    case 'send-blocked':
    case 'suspended':
    case 'closed':
    case 'scope':
      return 'stopped';
    default:
      return 'waiting';
  }
}
