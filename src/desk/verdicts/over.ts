/**
 * What ends a trouble that sign-ins tell of.
 *
 * Invariants: pure. A trouble is over when the same program at the same place got in by the same way after it, or when
 * something else that is known says that its cause is gone: the account moved away from who did not let it in, whoever
 * could not judge it judges again, the state or the second step that stopped it is no more. A row that is refused is
 * written within a minute, and so is what gets in after a refusal (signin/news.ts); what merely goes on, within an hour.
 * Programs that say nothing of themselves may be two, behind one address: of these a wrong password is over only when it
 * did not come again for longer than that.
 */
import type { Evidence, SignInEvidence } from '../screen/evidence.ts';

const MINUTE_MS = 60_000;
/** From the verdict to the end of the way to the home (gateway/connection.ts). */
const JUST_MS = 18_000;
/** In which what goes on is written down again (signin/history.ts). */
const AGAIN_MS = 60 * MINUTE_MS;
/** Of a hold, or of a place among those on their way: both are over within seconds, and a row may be a minute late. */
const MOMENT_MS = 2 * MINUTE_MS;
/** As long as what was carried to a platform counts (signin/load/budget.ts). */
const BUDGET_MS = 10 * MINUTE_MS;
/** A sprayed secret is not looked at until nobody has sent it for so long (signin/locks/spray.ts). */
const SPRAYED_MS = 60 * MINUTE_MS;

export const isIn = ({ outcome }: Pick<SignInEvidence, 'outcome'>): boolean => outcome === 'accepted' || outcome === 'code-asked';

/** What the home did not let in was accepted by us just before. */
const AFTER_RIGHT: ReadonlySet<string> = new Set(['platform', 'no-service', 'in-use']);
const BLAMED: ReadonlySet<string> = new Set(['secret', 'former', 'revoked']);
const UNJUDGED: ReadonlySet<string> = new Set(['verifier-busy', 'verifier-down', 'verifier-unproven', 'deadline']);

/** @param now ms since the epoch */
export function isOver(evidence: Evidence, row: SignInEvidence, now: number): boolean {
  return cameIn(evidence.signIns, row) || servedAgainAt(evidence, row) !== undefined || causeGone(evidence, row, now);
}

/** When whoever could not serve it was seen to serve again, after it. */
export function servedAgainAt({ back = {}, who }: Evidence, { reason, lastAt }: SignInEvidence): number | undefined {
  const at = reason === 'platform' ? back.way : reason === 'store' || reason === 'overload' ? back.ours : UNJUDGED.has(reason) && who.authority !== 'ours' ? back.check : undefined;
  return at !== undefined && at > lastAt ? at : undefined;
}

function cameIn(signIns: readonly SignInEvidence[], { protocol, network, device, lastAt, reason }: SignInEvidence): boolean {
  const after = lastAt + (AFTER_RIGHT.has(reason) ? JUST_MS : device === '' && BLAMED.has(reason) ? AGAIN_MS : 0);
  // A code is asked for again before each wrong one.
  return signIns.some((row) => (reason === 'code' ? row.outcome === 'accepted' : isIn(row)) && row.protocol === protocol && row.network === network && row.device === device && row.lastAt >= after);
}

function causeGone(evidence: Evidence, { reason, lastAt, network }: SignInEvidence, now: number): boolean {
  const { who, move, locks } = evidence;
  if (AFTER_RIGHT.has(reason)) return movedAt(evidence) > lastAt;
  if (UNJUDGED.has(reason)) return who.authority === 'ours' && reason !== 'deadline';
  switch (reason) {
    case 'budget':
      return lastAt <= now - BUDGET_MS;
    case 'crowded':
      return lastAt <= now - MOMENT_MS;
    case 'held':
      return move.phase !== 'held' && lastAt <= now - MOMENT_MS;
    case 'no-hash':
      return who.authority !== 'ours' || (who.hashHeld && setAt(evidence) > lastAt);
    case 'suspended':
    case 'closed':
    case 'send-blocked':
      return who.state !== reason;
    case 'second-step':
      return who.secondStep?.everywhere !== true;
    case 'secret':
    case 'pair':
    case 'account':
      // Whether it is wrong still, only its next try can tell.
      return isAfter(who.secretChangedAt, lastAt);
    case 'spray':
      return lastAt <= now - SPRAYED_MS && !locks.networks.some((each) => each.network === network && each.sprayingUntil !== undefined && each.sprayingUntil > now);
    default:
      return false;
  }
}

const isAfter = (at: number | undefined, lastAt: number): boolean => at !== undefined && at > lastAt;

/** When a password was last set that we know of. */
function setAt({ who, changes }: Evidence): number {
  return Math.max(0, who.secretChangedAt ?? 0, ...changes.filter(({ act }) => act.startsWith('account.secret-')).map(({ at }) => at));
}

/** When it came to where it lives now; 0: as far as is known it always lived there. */
function movedAt({ move, receipt }: Evidence): number {
  const ends = move.moves.filter(({ state, back }) => state === 'moved' && back !== 'following' && back !== 'merging').map(({ endedAt }) => endedAt ?? 0);
  return Math.max(0, receipt?.at ?? 0, ...ends);
}
