/**
 * The gateway's workers' part in holds, seen from `serve`.
 *
 * Invariants: a freeze waits for the verdicts that are on their way, so that its message comes after them. A worker that
 * does not answer is busy. No cut is reported unless every session of the account that has a part in holds is known to
 * have ended.
 */
import type { Participant } from '#directory/route/holds.ts';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import type { Registration, Registrations, Worker } from './registrations.ts';

/** A session has 5 s to end (see session.ts); beyond it and a little, the worker itself does not answer. */
const CUT_ANSWER_MS = 6_000;

type Options = {
  readonly workers: ReadonlySet<Worker>;
  readonly registrations: Registrations;
  /** A worker died with sessions of the account, of which a command may still run. */
  readonly inAftermath: (accountId: number) => boolean;
  /** Undefined when the worker is gone, or has long answered nothing. */
  readonly ask: (worker: Worker, question: (ask: number) => ToWorker) => Promise<FromWorker | undefined>;
  readonly clock: Clock;
};

export function createParticipant({ workers, registrations: { held }, inAftermath, ask, clock }: Options): Participant {
  const workersOf = (accountId: number): Worker[] => [...new Set(held(accountId).map(({ worker }) => worker))];

  async function quieten(accountId: number, until: number, abandoned: boolean): Promise<'quiet' | 'busy'> {
    const asked = new Set<Registration>();
    for (;;) {
      await Promise.all(held(accountId).map(({ decided }) => decided));
      if (!abandoned && inAftermath(accountId)) return 'busy';
      const fresh = held(accountId).filter((registration) => !asked.has(registration));
      if (fresh.length === 0) return 'quiet';
      const decided = fresh.filter(({ sent }) => sent);
      for (const registration of decided) asked.add(registration);
      const answers = await Promise.all(
        [...new Set(decided.map(({ worker }) => worker))].map(async (worker) => {
          const withinMs = Math.max(0, until - clock.monotonic());
          const answer = await ask(worker, (number) => ({ t: 'freeze', ask: number, accountId, withinMs, abandoned }));
          const quiet = answer?.t === 'frozen' && answer.answer === 'quiet';
          if (quiet) worker.quiet.add(accountId);
          return quiet;
        }),
      );
      if (answers.includes(false)) return 'busy';
    }
  }

  async function cutAt(worker: Worker, accountId: number): Promise<void> {
    const wasQuiet = worker.quiet.has(accountId);
    const answer = await ask(worker, (number) => ({ t: 'cut', ask: number, accountId }));
    worker.quiet.delete(accountId);
    // Gone, but quiet before: nothing was under way when the kernel closed its connections.
    if (answer === undefined && wasQuiet && worker.gone) return;
    if (answer?.t === 'cut-done' && answer.failed === undefined) return;
    throw new CausewayError('unavailable', answer?.t === 'cut-done' ? (answer.failed ?? '') : 'a gateway worker went while it was cutting');
  }

  /** `work`, or what `late` gives once the time is over. */
  async function within<T>(ms: number, work: Promise<T>, late: () => T): Promise<T> {
    const over = new AbortController();
    try {
      return await Promise.race([work, clock.sleep(ms, over.signal).then(late)]);
    } finally {
      over.abort();
      work.catch(() => {});
    }
  }

  return {
    freeze: (accountId, _epoch, deadlineMs, abandoned = false) => within(deadlineMs, quieten(accountId, clock.monotonic() + deadlineMs, abandoned), () => 'busy'),
    async cut(accountId) {
      const cuts = Promise.all(workersOf(accountId).map((worker) => cutAt(worker, accountId)));
      await within<unknown>(CUT_ANSWER_MS, cuts, () => {
        throw new CausewayError('unavailable', 'a gateway worker did not answer');
      });
      if (held(accountId).length > 0) throw new CausewayError('unavailable', 'a session of the account is still registered');
    },
    thaw(accountId) {
      const holding = new Set(workersOf(accountId));
      for (const worker of workers) {
        const wasQuiet = worker.quiet.delete(accountId);
        if (wasQuiet || holding.has(worker)) worker.channel.send({ t: 'thaw', accountId });
      }
    },
  };
}
