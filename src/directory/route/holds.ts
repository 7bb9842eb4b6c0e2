/**
 * An instance's part in holds: it makes its participants freeze and cut, and acknowledges.
 *
 * Invariants: nothing is acknowledged before the local file has the held route on the disk and every participant has
 * done what is acknowledged. From the moment the hold is seen to the moment the store tells its end the account is
 * not served here, whatever became of the acknowledgement: one whose commit is unknown counts as given. An account
 * without a hold depends on nothing but memory. A full disk withholds the acknowledgement, which cancels the hold.
 */
import { CausewayError, messageOf } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import type { Store } from '#store/index.ts';
import { acknowledged, acknowledgementFailed, holdExpired, participantFailed } from '../events.ts';
import type { Mirror } from '../mirror.ts';
import { acknowledge as storeAnswer } from './acknowledgements.ts';
import { answerAt, nextHold, SERVING } from './hold-machine.ts';
import type { HoldInput, HoldPoint } from './hold-machine.ts';
import { expireHolds } from './phases.ts';
import { FREEZE_MS } from './route.ts';
import type { Route } from './route.ts';
import { createWaiters } from './waiters.ts';
import type { WaitOptions } from './waiters.ts';

/** What holds connections or deliveries of accounts in this process: the gateway, the delivery. */
export type Participant = {
  /**
   * Stops forwarding new commands of the account and waits for those that run. `deadlineMs` from now, whoever is not
   * quiet is `busy`. An earlier cut that has not ended counts as busy. `abandoned`: the home was given up, so what does
   * not get quiet at once is ended: its connection to the home is closed, whatever was under way on it, and its client
   * or sender is told that it was not done.
   */
  freeze(accountId: number, epoch: number, deadlineMs: number, abandoned?: boolean): Promise<'quiet' | 'busy'>;
  /** Ends the account's sessions; resolves when none can reach the home any more. Rejects when that is not certain. */
  cut(accountId: number): Promise<void>;
  /** Lets what was frozen go on. Also called when nothing is frozen. */
  thaw(accountId: number): void;
};

export type Holds = {
  /**
   * The route of an account after any hold. `register` is called with it in the same turn in which it was found.
   * @throws CausewayError('unavailable') when the hold outlasts `waitMs`, too many wait, or this instance must not
   *   serve; CausewayError('not-found') for an account that the mirror does not know; CausewayError('aborted')
   */
  home(accountId: number, options?: Partial<WaitOptions>): Promise<Route>;
  /** The route now, without waiting: undefined while the account is held or must not be served here. */
  homeNow(accountId: number): Route | undefined;
  /** How many wait now. */
  waiting(): number;
  close(): Promise<void>;
};

/** A sign-in or a RCPT waits at most this long, all other waits included: clients and MXs give up after 30 s and more. */
export const HOME_WAIT_MS = 10_000;
/** What a participant may be late with its answer, over the freeze itself, before it counts as busy. */
const LATE_MS = 150;
/** Tries to store an answer, and the time between: together the time after which silence has cancelled the hold. */
const TRIES = 10;
const RETRY_MS = 250;
/** How often holds whose time is over are looked for, while there are any. */
const EXPIRE_MS = 1_000;

export function createHolds({
  store,
  mirror,
  participants,
  clock,
  emit,
}: {
  store: Store;
  mirror: Mirror;
  /** Read at each hold, so it may be filled later: a process that has just started has nothing to freeze. */
  participants: readonly Participant[];
  clock: Clock;
  emit: Emit;
}): Holds {
  /** Accounts that are held here; all others are serving. */
  const points = new Map<number, HoldPoint>();
  const cutting = new Map<number, Promise<unknown>>();
  const answering = new Set<number>();
  const waiters = createWaiters({ clock, emit });
  const closing = new AbortController();

  const feed = (accountId: number, input: HoldInput): void => {
    const { point, effects } = nextHold(points.get(accountId) ?? SERVING, input);
    if (point.at === 'serving') points.delete(accountId);
    else points.set(accountId, point);
    for (const effect of effects) {
      switch (effect) {
        case 'thaw':
          thaw(accountId);
          break;
        case 'freeze':
          if (point.at === 'freezing') void freeze(accountId, point.epoch, point.abandoned);
          break;
        case 'cut':
          if (point.at === 'cutting') void cut(accountId, point.epoch);
          break;
        case 'acknowledge':
          void answer(accountId);
          break;
        case 'release':
          // The file need not be synced first: until it is, it says `held`, and a held account is not served from it.
          if (input.on === 'route') waiters.release(input.route);
          break;
      }
    }
  };

  const failed = (accountId: number, epoch: number, stage: string, error: unknown): void =>
    emit(participantFailed, { account: accountId, epoch, stage, message: messageOf(error) });

  const thaw = (accountId: number): void => {
    for (const participant of participants) {
      try {
        participant.thaw(accountId);
      } catch (error) {
        failed(accountId, 0, 'thaw', error);
      }
    }
  };

  /** Whether `work` says quiet in time. */
  const quietInTime = async (accountId: number, epoch: number, work: () => Promise<'quiet' | 'busy'>): Promise<boolean> => {
    const timer = new AbortController();
    try {
      const late = clock.sleep(FREEZE_MS + LATE_MS, timer.signal).then(() => 'busy' as const);
      late.catch(() => {});
      return (await Promise.race([work(), late])) === 'quiet';
    } catch (error) {
      failed(accountId, epoch, 'freeze', error);
      return false;
    } finally {
      timer.abort();
    }
  };

  const freeze = async (accountId: number, epoch: number, abandoned = false): Promise<void> => {
    // Beside the freeze, which takes longer; `answer` waits for it.
    void mirror.sync().catch(() => {});
    const quiet = await Promise.all([
      ...participants.map((participant) =>
        quietInTime(accountId, epoch, async () => participant.freeze(accountId, epoch, FREEZE_MS, abandoned)),
      ),
      // A cut of an earlier hold that still runs: its sessions may still reach the home.
      quietInTime(accountId, epoch, async () => {
        await cutting.get(accountId);
        return 'quiet';
      }),
    ]);
    feed(accountId, { on: 'froze', epoch, answer: quiet.every(Boolean) ? 'quiet' : 'busy' });
  };

  const cut = async (accountId: number, epoch: number): Promise<void> => {
    const work = Promise.allSettled(participants.map(async (participant) => participant.cut(accountId)));
    cutting.set(accountId, work);
    const outcomes = await work;
    if (cutting.get(accountId) === work) cutting.delete(accountId);
    const failures = outcomes.filter((outcome) => outcome.status === 'rejected');
    for (const { reason } of failures) failed(accountId, epoch, 'cut', reason);
    if (failures.length === 0) feed(accountId, { on: 'cut-done', epoch });
  };

  /** Gives the answer that the account's point stands for, until it is stored, refused, or no longer asked for. */
  const answer = async (accountId: number): Promise<void> => {
    if (answering.has(accountId)) return;
    answering.add(accountId);
    try {
      for (let tries = 0; tries < TRIES && !closing.signal.aborted; ) {
        const point = points.get(accountId) ?? SERVING;
        const given = answerAt(point);
        if (given === undefined || point.at === 'serving') return;
        const { stage } = given;
        const { epoch } = point;
        try {
          await mirror.sync();
          // Held by another round or hold by now: the loop looks again what there is to say.
          if (points.get(accountId) !== point) continue;
          const from = { instance: mirror.instance, boot: mirror.boot() };
          const stored = await store.transaction((tx) => storeAnswer(tx, from, { accountId, epoch, stage }, given.answer));
          emit(acknowledged, { account: accountId, epoch, stage, answer: given.answer, stored });
          if (points.get(accountId) === point) return;
        } catch (error) {
          tries += 1;
          emit(acknowledgementFailed, { account: accountId, epoch, stage, message: messageOf(error) });
          await clock.sleep(RETRY_MS, closing.signal).catch(() => {});
        }
      }
    } finally {
      answering.delete(accountId);
    }
  };

  const expire = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(EXPIRE_MS, closing.signal);
      if (points.size === 0) continue;
      try {
        const expired = await store.transaction(expireHolds);
        for (const { accountId, epoch } of expired) emit(holdExpired, { account: accountId, epoch });
      } catch {
        // The store is gone and says so itself. The accounts stay held here until it tells the outcome.
      }
    }
  };

  const homeNow = (accountId: number): Route | undefined => {
    if (mirror.expelled()) return undefined;
    const route = mirror.route(accountId);
    return route?.phase === 'held' ? undefined : route;
  };

  const stopRoutes = mirror.onRoute((route) => feed(route.accountId, { on: 'route', route }));
  const stopExpelled = mirror.onExpelled(() => waiters.dismiss('this instance is not on the list any more'));
  for (const route of mirror.held()) feed(route.accountId, { on: 'route', route });
  const expiring = expire().catch(() => {});

  return {
    homeNow,
    waiting: waiters.count,
    async home(accountId, { waitMs = HOME_WAIT_MS, signal, register } = {}) {
      const route = homeNow(accountId);
      if (route !== undefined) {
        register?.(route);
        return route;
      }
      if (mirror.expelled()) throw new CausewayError('unavailable', 'this instance is not on the list any more');
      if (mirror.route(accountId) === undefined) throw new CausewayError('not-found', `there is no account ${accountId}`);
      return waiters.wait(accountId, { waitMs: Math.min(waitMs, HOME_WAIT_MS), signal, register });
    },
    async close() {
      closing.abort(new Error('closed'));
      stopRoutes();
      stopExpelled();
      waiters.dismiss('this instance stops');
      await expiring;
    },
  };
}
