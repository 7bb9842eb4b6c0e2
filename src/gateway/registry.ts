/**
 * The worker's sessions, and by account those that have a part in its holds.
 *
 * Invariants: a place is taken in the same turn in which the verdict arrives, before any back end is dialled, so that a
 * freeze that comes next finds it. A session that is being dialled is busy until it is up; it comes up frozen when its
 * account is. A place is left only when its back-end connection has really ended.
 */
import { CausewayError, messageOf } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Session } from './splice.ts';

export type Place = {
  readonly accountId: number;
  /** Whether a session that comes up now must begin frozen. */
  readonly frozen: boolean;
  /** The back end is up. The place is left when the session is closed. */
  open(session: Session): void;
  /** There will be no session. */
  leave(): void;
};

export type Registry = {
  /** @param inHolds whether the session has a part in the account's holds; default true */
  take(id: number, accountId: number, inHolds?: boolean): Place;
  freeze(accountId: number, withinMs: number): Promise<'quiet' | 'busy'>;
  /** Rejects when a session is not known to have ended. */
  cut(accountId: number): Promise<void>;
  thaw(accountId: number): void;
  end(id: number, text: string): void;
  /** Ends all sessions, and those that are being dialled as soon as they are up. */
  endAll(text: string): Promise<void>;
  readonly size: number;
};

type Seat = {
  readonly accountId: number;
  session: Session | undefined;
  /** Told to the client as soon as there is a session to end. */
  endText: string | undefined;
  readonly up: Promise<void>;
  readonly isUp: () => void;
  readonly left: Promise<void>;
  readonly isLeft: () => void;
};

type AccountSeats = { readonly seats: Set<Seat>; frozen: boolean };

/** @param onLeft called when the place of that id has been left */
export function createRegistry({ clock, onLeft }: { clock: Clock; onLeft: (id: number) => void }): Registry {
  const byId = new Map<number, Seat>();
  const accounts = new Map<number, AccountSeats>();

  async function quiet(seat: Seat): Promise<void> {
    await Promise.race([seat.up, seat.left]);
    await Promise.race([seat.session?.freeze(), seat.left]);
  }

  async function allQuiet(account: AccountSeats): Promise<'quiet'> {
    const checked = new Set<Seat>();
    for (;;) {
      const fresh = [...account.seats].filter((seat) => !checked.has(seat));
      if (fresh.length === 0) return 'quiet';
      for (const seat of fresh) checked.add(seat);
      await Promise.all(fresh.map(quiet));
    }
  }

  function remove(id: number, seat: Seat): void {
    if (byId.get(id) !== seat) return;
    byId.delete(id);
    const account = accounts.get(seat.accountId);
    account?.seats.delete(seat);
    if (account?.seats.size === 0) accounts.delete(seat.accountId);
    seat.isLeft();
    onLeft(id);
  }

  return {
    take(id, accountId, inHolds = true) {
      const up = Promise.withResolvers<void>();
      const left = Promise.withResolvers<void>();
      const seat: Seat = { accountId, session: undefined, endText: undefined, up: up.promise, isUp: up.resolve, left: left.promise, isLeft: left.resolve };
      const account = accounts.get(accountId) ?? { seats: new Set(), frozen: false };
      if (inHolds) {
        account.seats.add(seat);
        accounts.set(accountId, account);
      }
      byId.set(id, seat);
      return {
        accountId,
        get frozen() {
          return inHolds && account.frozen;
        },
        open(session) {
          seat.session = session;
          void session.closed.then(() => remove(id, seat));
          seat.isUp();
          if (seat.endText !== undefined) session.end(seat.endText);
        },
        leave: () => remove(id, seat),
      };
    },
    async freeze(accountId, withinMs) {
      const account = accounts.get(accountId);
      if (account === undefined) return 'quiet';
      account.frozen = true;
      for (const seat of account.seats) void seat.session?.freeze();
      const over = new AbortController();
      const tooLate = clock.sleep(withinMs, over.signal).then(() => 'busy' as const, () => 'busy' as const);
      const answer = await Promise.race([allQuiet(account), tooLate]);
      over.abort();
      return answer;
    },
    async cut(accountId) {
      const seats = [...(accounts.get(accountId)?.seats ?? [])];
      const cuts = await Promise.allSettled(
        seats.map((seat) => seat.session?.cut() ?? Promise.reject(new CausewayError('conflict', 'a session is being dialled'))),
      );
      const failed = cuts.find((cut) => cut.status === 'rejected');
      if (failed !== undefined) throw new CausewayError('unavailable', messageOf(failed.reason), { cause: failed.reason });
    },
    thaw(accountId) {
      const account = accounts.get(accountId);
      if (account === undefined) return;
      account.frozen = false;
      for (const seat of account.seats) seat.session?.thaw();
    },
    end(id, text) {
      endSeat(byId.get(id), text);
    },
    async endAll(text) {
      const seats = [...byId.values()];
      for (const seat of seats) endSeat(seat, text);
      await Promise.all(seats.map((seat) => seat.left));
    },
    get size() {
      return byId.size;
    },
  };
}

function endSeat(seat: Seat | undefined, text: string): void {
  if (seat === undefined) return;
  seat.endText = text;
  seat.session?.end(text);
}
