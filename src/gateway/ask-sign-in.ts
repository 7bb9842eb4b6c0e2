/**
 * The worker's question to sign-in, over the channel, with a deadline.
 *
 * Invariants: a verdict that does not come is `unavailable`, never a rejection. The place of an accepted session is
 * taken in the turn in which the verdict arrives; an `accepted` that nobody waits for is answered by `closed` at once.
 */
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import type { Pass } from '#signin/pass.ts';
import type { Refusal } from '#signin/replies.ts';
import type { Attempt, Protocol, UnavailableReason, Verdict } from '#signin/verdict.ts';
import { signInSilent } from './events.ts';
import type { FromWorker } from './messages.ts';
import { ALL_IN_HOLDS, type InHolds } from './in-holds.ts';
import type { Place, Registry } from './registry.ts';

/** An account waits for a hold at most 10 s, and then for a check; the shortest client time-out is 20 s (FairEmail). */
export const ASK_MS = 15_000;
/** One each of all connections that a worker holds would be far more than sign-in can judge in ASK_MS. */
const WAITING_LIMIT = 5_000;

export type Accepted = { readonly verdict: Extract<Verdict, { verdict: 'accepted' }>; readonly place: Place };
export type Answer = { readonly verdict: Refusal; readonly place?: undefined } | Accepted;

export type AskSignIn = {
  /** Never rejects. The caller owns the place: it opens or leaves it, also when the signal was aborted meanwhile. */
  ask(attempt: Attempt, signal: AbortSignal): Promise<Answer>;
  /** The same for somebody who signed in by a browser before. */
  askAgain(pass: Pass, signal: AbortSignal): Promise<Answer>;
  receive(id: number, verdict: Verdict): void;
  /** How many wait for a verdict. */
  waiting(): number;
  /** Sign-in is gone: whoever waits for a verdict gets none, and so does whoever asks from now on. */
  orphan(): void;
};

type Options = {
  readonly send: (message: FromWorker) => void;
  readonly registry: Registry;
  readonly inHolds?: InHolds;
  readonly clock: Clock;
  readonly emit: Emit;
};

export function createAskSignIn({ send, registry, inHolds = ALL_IN_HOLDS, clock, emit }: Options): AskSignIn {
  const waiting = new Map<number, { settle: (answer: Answer) => void; protocol: Protocol }>();
  let lastId = 0;
  let orphaned = false;
  const unavailable = (reason: UnavailableReason): Answer => ({ verdict: { verdict: 'unavailable', reason } });

  function question(protocol: Protocol, message: (id: number) => FromWorker, signal: AbortSignal): Promise<Answer> {
    if (orphaned) return Promise.resolve(unavailable('internal'));
    if (signal.aborted) return Promise.resolve(unavailable('aborted'));
    if (waiting.size >= WAITING_LIMIT) return Promise.resolve(unavailable('overload'));
    lastId += 1;
    const id = lastId;
    return new Promise((resolve) => {
      const settle = (answer: Answer): void => {
        waiting.delete(id);
        signal.removeEventListener('abort', onAbort);
        inTime();
        resolve(answer);
      };
      const giveUp = (reason: UnavailableReason): void => {
        if (!waiting.has(id)) return;
        send({ t: 'abandon', id });
        settle(unavailable(reason));
      };
      const onAbort = (): void => giveUp('aborted');
      waiting.set(id, { settle, protocol });
      signal.addEventListener('abort', onAbort, { once: true });
      const inTime = clock.after(ASK_MS, () => {
        emit(signInSilent, { ms: ASK_MS });
        giveUp('deadline');
      });
      send(message(id));
    });
  }

  return {
    ask: (attempt, signal) => question(attempt.protocol, (id) => ({ t: 'attempt', id, attempt }), signal),
    askAgain: (pass, signal) => question('webmail', (id) => ({ t: 'pass', id, pass }), signal),
    receive(id, verdict) {
      const { settle, protocol } = waiting.get(id) ?? {};
      if (settle === undefined || protocol === undefined) {
        if (verdict.verdict === 'accepted') send({ t: 'closed', id });
      } else if (verdict.verdict === 'accepted') {
        settle({ verdict, place: registry.take(id, verdict.accountId, inHolds(protocol, verdict.home)) });
      } else {
        settle({ verdict });
      }
    },
    waiting: () => waiting.size,
    orphan() {
      orphaned = true;
      for (const { settle } of waiting.values()) settle(unavailable('internal'));
    },
  };
}
