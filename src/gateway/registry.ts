/**
 * The worker's sessions, and by account those that have a part in its holds.
 *
 * Invariants: a place is taken in the same turn in which the verdict arrives, before any back end is dialled, so that a
 * freeze that comes next finds it. A session that is being dialled is busy until it is up; it comes up frozen when its
 * account is. A place is left only when its back-end connection has really ended; or when its home was given up while it
 * was being dialled, and then no session comes of it.
 */
import { CausewayError, messageOf } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { ABANDONED_MS } from '#directory/route/route.ts';
import type { Session } from './splice.ts';

export type Place = {
  readonly accountId: number;
  /** Whether a session that comes up now must begin frozen. */
  frozen(): boolean;
  /** The back end is up. The place is left when the session is closed. */
  open(session: Session): void;
  /** There will be no session. */
  leave(): void;
  /** Resolves when the place is left, by whomever: then a back end that is being dialled is not wanted any more. */
  readonly left: Promise<void>;
};

export type Registry = {
  /** @param inHolds whether the session has a part in the account's holds; default true */
  take(id: number, accountId: number, inHolds?: boolean): Place;
  /** @param abandoned the home was given up: what is not quiet at once is ended */
  freeze(accountId: number, withinMs: number, abandoned?: boolean): Promise<'quiet' | 'busy'>;
  /** Rejects when a session is not known to have ended. */
  cut(accountId: number): Promise<void>;
  thaw(accountId: number): void;
  end(id: number, text: string): void;
  /** Ends all sessions, and those that are being dialled as soon as they are up. */
  endAll(text: string): Promise<void>;
  /**
   * Ends every session, and each that comes yet, where nothing of its client is under way; one that finds no such moment
   * within `withinMs` is ended as it is. Spread evenly over the first `spreadMs`, so that not all come back at once.
   */
  retire(options: { readonly text: string; readonly spreadMs: number; readonly withinMs: number; readonly random: () => number }): Promise<void>;
  readonly size: number;
};

/** What a command that runs gets before its client is let go on; most end within milliseconds, a large FETCH does not. */
const QUIET_MS = 2_000;
/** Until the next try; an IDLE or the pause between two fetches comes. */
const AGAIN_MS = 1_000;

type Seat = {
  readonly accountId: number;
  readonly inHolds: boolean;
  gone: boolean;
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

  let retirement: { text: string; spreadUntil: number; until: number; random: () => number } | undefined;

  async function retireSeat(seat: Seat, session: Session): Promise<void> {
    const { text, spreadUntil, until, random } = retirement!;
    const wait = (ms: number): Promise<unknown> => Promise.race([clock.sleep(ms), seat.left]);
    const isFrozen = (): boolean => seat.inHolds && accounts.get(seat.accountId)?.frozen === true;
    await wait(Math.max(0, spreadUntil - clock.monotonic()) * random());
    for (let ms = until - clock.monotonic(); ms > 0 && !seat.gone; ms = until - clock.monotonic()) {
      // In a hold the session is the hold's: it is cut, or thawed and comes to its turn again.
      if (!isFrozen()) {
        const found = await Promise.race([session.freeze().then(() => true), clock.sleep(Math.min(QUIET_MS, ms)).then(() => false)]);
        if (found) break;
        if (!isFrozen()) session.thaw();
      }
      await wait(Math.min(AGAIN_MS, Math.max(0, until - clock.monotonic())));
    }
    session.end(text);
  }

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
    seat.gone = true;
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
      const seat: Seat = { accountId, inHolds, gone: false, session: undefined, endText: undefined, up: up.promise, isUp: up.resolve, left: left.promise, isLeft: left.resolve };
      const account = accounts.get(accountId) ?? { seats: new Set(), frozen: false };
      if (inHolds) {
        account.seats.add(seat);
        accounts.set(accountId, account);
      }
      byId.set(id, seat);
      return {
        accountId,
        frozen: () => seat.gone || (inHolds && account.frozen),
        left: seat.left,
        open(session) {
          if (seat.gone) return session.abandon();
          seat.session = session;
          void session.closed.then(() => remove(id, seat));
          seat.isUp();
          if (seat.endText !== undefined) session.end(seat.endText);
          else if (retirement !== undefined) void retireSeat(seat, session);
        },
        leave: () => remove(id, seat),
      };
    },
    async freeze(accountId, withinMs, abandoned = false) {
      const account = accounts.get(accountId);
      if (account === undefined) return 'quiet';
      account.frozen = true;
      for (const seat of account.seats) void seat.session?.freeze();
      const inTime = async (ms: number): Promise<'quiet' | 'busy'> => {
        const over = new AbortController();
        const tooLate = clock.sleep(ms, over.signal).then(() => 'busy' as const, () => 'busy' as const);
        const answer = await Promise.race([allQuiet(account), tooLate]);
        over.abort();
        return answer;
      };
      if (!abandoned) return inTime(withinMs);
      if ((await inTime(Math.min(withinMs, ABANDONED_MS))) === 'quiet') return 'quiet';
      for (const [id, seat] of byId) {
        if (!account.seats.has(seat)) continue;
        if (seat.session !== undefined) seat.session.abandon();
        else remove(id, seat);
      }
      return inTime(withinMs);
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
    async retire({ text, spreadMs, withinMs, random }) {
      const now = clock.monotonic();
      retirement = { text, spreadUntil: now + spreadMs, until: now + withinMs, random };
      const seats = [...byId.values()];
      for (const seat of seats) if (seat.session !== undefined) void retireSeat(seat, seat.session);
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
