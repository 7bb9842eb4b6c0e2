/**
 * The check of a secret at the platform whose word on it is final.
 *
 * Invariants: only a definite yes or no of the platform is `accepted` or `refused`; a time-out, a failure, no room or
 * an open breaker is `unavailable`. A refusal means nothing until it is `proven`: sentinels were accepted before it and
 * after it, and the platform does not refuse secrets that we held as good on several accounts at once.
 */
import { type Clock, NEEDLESS } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { CausewayError, messageOf } from '#errors/index.ts';
import { createAdaptiveLimit } from '../load/adaptive-limit.ts';
import { createAdmission } from '../load/admission.ts';
import type { Claim } from '../load/claim.ts';
import { breakerClosed, breakerOpened, falseRejectionSuspected, refusalsDoubted, sentinelAccepted, sentinelTroubled } from '../events.ts';
import { createSentinel, type SentinelOutcome, type SentinelSignIn } from './sentinel.ts';
import type { Order, UnavailableReason } from '../verdict.ts';
import { within } from '../load/within.ts';

/**
 * Presents a secret at a platform, as the customer would. Rejects when there was no definite answer; `refused` only for
 * an answer that is about the secret. Stops when the signal is aborted.
 */
export type SignInAtPlatform = (platform: string, login: string, secret: string, signal: AbortSignal) => Promise<'accepted' | 'refused'>;

/** The same at one platform, by whichever verifier it has. */
export type SignInThere = (login: string, secret: string, signal: AbortSignal) => Promise<'accepted' | 'refused'>;

/** Adds to a figure that gates read. */
export type Count = (name: FigureName, platform: string, n?: number) => void;
export type FigureName =
  | 'signin.accepted'
  | 'signin.rejected'
  | 'signin.locked'
  | 'signin.unavailable'
  | 'signin.false-rejection'
  | 'sentinel.accepted'
  | 'sentinel.refused'
  | 'sentinel.failed';

/** The account at a platform whose secret is always right. */
export type SentinelLogin = { readonly login: string; readonly secret: () => string };

export type CheckOutcome =
  | { readonly outcome: 'accepted' }
  /** `began`: a moment in the process's order. */
  | { readonly outcome: 'refused'; readonly began: number }
  | { readonly outcome: 'unavailable'; readonly reason: UnavailableReason };

export type Verifier = {
  /** Never rejects. */
  check(login: string, secret: string, claim: Claim): Promise<CheckOutcome>;
  /**
   * What a refusal is worth that has come, and was asked for at `began`, see `sentinel.ts`; `unproven` too while the
   * platform's refusals are doubted. Never rejects.
   */
  proof(began: number): Promise<'proven' | 'again' | 'unproven'>;
  /** Whether a check would be tried now at all. Counts as asking: the sentinel goes on looking for the platform's return. */
  canBeAsked(): boolean;
  /** Whether a check would be refused now for want of room. Counts as asking when it would. */
  isFull(claim: Claim): boolean;
  /** Whether a check that no customer waits for may be made now. */
  hasRoom(): boolean;
  /** The platform refused a secret of this account that we held as good. */
  heldRefused(accountId: number): void;
  /** A customer was told `rejected` on this platform's word. */
  rejectionGiven(): void;
  close(): Promise<void>;
};

/** With the proof after it and the queue before it within the ten seconds that a customer is kept; the shortest client
 * time-out known is FairEmail's 20 s. */
const SIGN_IN_MS = 8000;

/** What a platform of 250 sign-ins a second has time for in QUEUE_MS; a slower one refuses earlier. */
const QUEUE = 1_000;
/** Not much longer than a refusal would be held back, and more useful. With a check of a slow platform and its proof it
 * is within the ten seconds that a customer is kept. */
const QUEUE_MS = 5_000;

/** A chance failure or two do not close a platform; five in a row, of different customers, are no chance. (One customer
 * whose INBOX is broken must not close it to the others, however often he comes.) */
const FAILURES = 5;
/** And none was answered for so long: of a busy platform that fails now and then, five in a row come every few seconds. */
const SILENT_MS = 1_000;
/** The sentinel's INBOX is not broken: twice in a row is enough of it. */
const SENTINEL_FAILURES = 2;

/** Customers change a secret at the platform itself now and then; four accounts in a minute are a fault of the platform
 * (at 28,000 customers, one change a year each is one in 19 minutes). */
const HELD_REFUSED_ACCOUNTS = 4;
const HELD_REFUSED_MS = 60_000;
/** More accounts than these in a minute say nothing more. */
const HELD_REFUSED_KEPT = 64;

export function createVerifier(options: {
  platform: string;
  signIn: SignInAtPlatform;
  sentinel: SentinelLogin;
  order: Order;
  /** Told each outcome of the sentinel. Must not throw. */
  onSentinel: (outcome: SentinelOutcome) => void;
  clock: Clock;
  emit: Emit;
  count: Count;
}): Verifier {
  const { platform, signIn, order, onSentinel, clock, emit, count } = options;
  const concurrency = createAdaptiveLimit(clock);
  const admission = createAdmission({ concurrency, queue: QUEUE, patienceMs: QUEUE_MS, clock });
  const heldRefusals = new Map<number, number>();
  /** Sign-ins under way. */
  const active = new Set<AbortController>();
  let before: SentinelOutcome | undefined;
  let closed = false;
  /** Who failed since the last definite answer. */
  const failures = new Set<string>();
  let sentinelFailures = 0;
  let open = false;
  let answeredAt = -Infinity;
  let doubting = false;
  let rejectionsSinceProof = 0;

  /** Signs in within the time-out, even when `signIn` does not heed its signal. */
  async function timed(login: string, secret: string): Promise<'accepted' | 'refused'> {
    const attempt = new AbortController();
    const timer = new AbortController();
    active.add(attempt);
    try {
      const answer = signIn(platform, login, secret, attempt.signal);
      clock.sleep(SIGN_IN_MS, timer.signal).then(
        () => attempt.abort(new Error(`no answer within ${SIGN_IN_MS} ms`)),
        () => {},
      );
      return await within(answer, attempt.signal);
    } finally {
      timer.abort(NEEDLESS);
      active.delete(attempt);
    }
  }

  function answered(): void {
    failures.clear();
    sentinelFailures = 0;
    answeredAt = clock.monotonic();
    if (!open) return;
    open = false;
    // Everybody comes at once now. What it can do is found from below: a platform that is not yet well is not pushed over.
    concurrency.restart();
    emit(breakerClosed, { platform });
  }

  /** @returns whether it tells of the platform's health */
  function failed(login: string, error: unknown): boolean {
    // A NO that is not about the secret is an answer: whatever is wrong, the platform neither hangs nor is gone. What
    // cannot be sent (an empty secret over LDAP, a line end over POP3) tells nothing of the platform.
    if (closed || (error instanceof CausewayError && (error.code === 'refused' || error.code === 'input'))) return false;
    if (login === options.sentinel.login) sentinelFailures += 1;
    if (failures.size < FAILURES) failures.add(login);
    const silent = clock.monotonic() - answeredAt >= SILENT_MS;
    if (open || ((failures.size < FAILURES || !silent) && sentinelFailures < SENTINEL_FAILURES)) return true;
    open = true;
    emit(breakerOpened, { platform });
    return true;
  }

  async function signInSentinel(): Promise<SentinelSignIn> {
    try {
      const outcome = await timed(options.sentinel.login, options.sentinel.secret());
      answered();
      return { outcome };
    } catch (error) {
      return { outcome: 'failed', error };
    }
  }

  const sentinel = createSentinel({
    signIn: signInSentinel,
    order,
    clock,
    onOutcome({ outcome, error }) {
      if (closed) return;
      if (outcome === 'failed') failed(options.sentinel.login, error);
      if (outcome !== 'accepted') emit(sentinelTroubled, { platform, outcome, message: outcome === 'failed' ? messageOf(error) : undefined });
      count(`sentinel.${outcome}`, platform);
      onSentinel(outcome);
      if (outcome === 'accepted') {
        if (before !== 'accepted') emit(sentinelAccepted, { platform });
        rejectionsSinceProof = 0;
      } else if (outcome === 'refused' && rejectionsSinceProof > 0) {
        // Its proofs were good, but what it did between the last one and this refusal nobody knows.
        const verdicts = rejectionsSinceProof;
        rejectionsSinceProof = 0;
        count('signin.false-rejection', platform, verdicts);
        emit(falseRejectionSuspected, { platform, cause: 'sentinel refused', accountId: undefined, verdicts });
      }
      before = outcome;
    },
  });
  function doubted(): boolean {
    const now = clock.monotonic();
    for (const [accountId, at] of heldRefusals) if (now - at >= HELD_REFUSED_MS) heldRefusals.delete(accountId);
    const doubt = heldRefusals.size >= HELD_REFUSED_ACCOUNTS;
    if (doubt && !doubting) emit(refusalsDoubted, { platform, accounts: heldRefusals.size });
    doubting = doubt;
    return doubt;
  }

  return {
    async check(login, secret, claim) {
      // An open breaker is closed by the sentinel's rounds; after a rest its knowledge is old, and one round is waited for.
      const rested = sentinel.asked();
      if (open && rested) await sentinel.round();
      if (open) return { outcome: 'unavailable', reason: 'verifier-down' };
      let began = 0;
      try {
        const outcome = await admission.run(claim, async () => {
          began = order();
          const beganAt = clock.monotonic();
          try {
            const answer = await timed(login, secret);
            if (answer === 'accepted') concurrency.succeeded(clock.monotonic() - beganAt, admission.running);
            answered();
            return answer;
          } catch (error) {
            if (failed(login, error)) concurrency.failed(clock.monotonic() - beganAt);
            return 'failed';
          }
        });
        if (outcome === 'accepted') return { outcome };
        if (outcome === 'refused') return { outcome, began };
        return { outcome: 'unavailable', reason: 'verifier-down' };
      } catch {
        return { outcome: 'unavailable', reason: 'verifier-busy' };
      }
    },
    async proof(began) {
      sentinel.asked();
      if (doubted()) return 'unproven';
      const proof = await sentinel.proof(began);
      return doubted() ? 'unproven' : proof;
    },
    canBeAsked() {
      sentinel.asked();
      return !open;
    },
    isFull(claim) {
      if (open || !admission.isFull(claim)) return false;
      sentinel.asked();
      return true;
    },
    hasRoom() {
      // Wanting to ask is asking: an outage that ends while all customers are known must be noticed too.
      sentinel.asked();
      const healthy = sentinel.last === undefined || sentinel.last === 'accepted';
      return !open && healthy && admission.waiting === 0 && admission.running < concurrency.limit / 2;
    },
    heldRefused(accountId) {
      heldRefusals.delete(accountId);
      heldRefusals.set(accountId, clock.monotonic());
      if (heldRefusals.size > HELD_REFUSED_KEPT) heldRefusals.delete(heldRefusals.keys().next().value!);
      doubted();
    },
    rejectionGiven() {
      rejectionsSinceProof += 1;
    },
    async close() {
      closed = true;
      for (const attempt of active) attempt.abort(new Error('closed'));
      await sentinel.close();
    },
  };
}
