/**
 * One IMAP connection of the portal's to an account's home: what the gateway's registry knows as a session.
 *
 * Invariants: it does one piece of work at a time, and while it is frozen only pieces of requests that were under way
 * before. It is quiet when neither those nor work are; a piece that only waits (IDLE) is ended for that by its signal, and
 * is told so. `closed` resolves when the connection has
 * really ended. After a failure of a piece it is not used again: who knows what a server still says.
 */
import { CausewayError } from '#errors/index.ts';
import { type Clock, NEEDLESS } from '#events/clock.ts';
import { closedInTime, CUT_GRACE_MS } from '#gateway/session-end.ts';
import type { Session } from '#gateway/splice.ts';
import type { ImapConnection } from '#imap/connection.ts';

/** @param signal aborted when the work, which only waits, should end */
export type Work<T> = (connection: ImapConnection, signal: AbortSignal) => Promise<T>;

export type Lane = {
  readonly session: Session;
  /** Whether work may be given to it in this turn. @param underWay of a request that began before it was frozen */
  isFree(underWay: boolean): boolean;
  isFrozen(): boolean;
  /** @param isLong nobody waits for its end @throws what the work does */
  run<T>(work: Work<T>, isLong: boolean): Promise<T>;
  /** Whether it does work whose end nobody waits for. */
  isKept(): boolean;
  wasUsed(): boolean;
  /** When its last piece of work began (monotonic ms); 0: it had none. */
  begunAt(): number;
  /** Nothing was done with it since (monotonic ms). */
  idleSince(): number;
  /** Says goodbye, when it is free. */
  leave(): void;
};

type Options = {
  readonly frozen: boolean;
  readonly clock: Clock;
  /** Resolves when no request of the account is under way. */
  readonly requestsDone: () => Promise<void>;
  /** Called when it may take work again, or is over. */
  readonly onFree: () => void;
};

export function createLane(connection: ImapConnection, { frozen, clock, requestsDone, onFree }: Options): Lane {
  let state: 'free' | 'busy' | 'over' = 'free';
  let isFrozen = frozen;
  let lastUsed = clock.monotonic();
  let wasUsed = false;
  let doesLong = false;
  let begunAt = 0;
  let waiting = new AbortController();
  let quiet = Promise.withResolvers<void>();
  const closed = connection.closed.then(() => {
    state = 'over';
    quiet.resolve();
    onFree();
  });

  async function leave(): Promise<void> {
    state = 'over';
    const late = clock.after(CUT_GRACE_MS, () => connection.destroy());
    await connection.logout().catch(() => connection.destroy());
    late();
  }

  function giveUp(): void {
    state = 'over';
    connection.destroy();
  }

  const session: Session = {
    closed,
    async freeze() {
      isFrozen = true;
      waiting.abort(NEEDLESS);
      await requestsDone();
      if (state === 'busy') await quiet.promise;
    },
    thaw() {
      isFrozen = false;
      if (state === 'free') onFree();
    },
    async cut() {
      if (state === 'busy') throw new CausewayError('conflict', 'the portal is at work for the account');
      if (state === 'free') void leave();
      await closedInTime(closed, clock);
    },
    end: giveUp,
    abandon: giveUp,
  };

  return {
    session,
    isFree: (underWay) => state === 'free' && (underWay || !isFrozen),
    isFrozen: () => isFrozen,
    isKept: () => state === 'busy' && doesLong,
    async run(work, isLong) {
      if (state !== 'free') throw new CausewayError('internal', 'a connection was given work that it may not take');
      state = 'busy';
      wasUsed = true;
      doesLong = isLong;
      begunAt = clock.monotonic();
      waiting = new AbortController();
      quiet = Promise.withResolvers();
      try {
        return await work(connection, waiting.signal);
      } catch (error) {
        // A server's plain no leaves the connection as good as it was.
        if (!(error instanceof CausewayError && (error.code === 'refused' || error.code === 'not-found' || error.code === 'input' || error.code === 'conflict'))) giveUp();
        throw error;
      } finally {
        lastUsed = clock.monotonic();
        if (state === 'busy') state = 'free';
        quiet.resolve();
        onFree();
      }
    },
    wasUsed: () => wasUsed,
    begunAt: () => begunAt,
    idleSince: () => lastUsed,
    leave() {
      if (state === 'free' && !isFrozen) void leave();
    },
  };
}
