/**
 * The portal's connections to the platforms, by account.
 *
 * Invariants: a connection is registered with `serve` before it is dialled, so that a hold finds it. Work waits while the
 * account is held, and goes on at its new home; nothing is done twice. A request of several pieces of work is under way
 * from its beginning to its end: a freeze waits for it, and all of it is done at one home. A pass is asked about again whenever no connection
 * of its account is left: what ends a pass ends them (context/secrets.ts). Of an account at most LANES are open, and
 * WAITING wait; over all, CONNECTIONS.
 */
import { CausewayError } from '#errors/index.ts';
import { type Clock, NEEDLESS } from '#events/clock.ts';
import type { Answer } from '#gateway/ask-sign-in.ts';
import type { Place } from '#gateway/registry.ts';
import type { ImapConnection } from '#imap/connection.ts';
import type { Pass } from '#signin/pass.ts';
import type { Customer } from '#signin/verdict.ts';
import { createLane, type Lane, type Work } from './lane.ts';
import { refusalOf } from './refusal.ts';
import { giveTurns, type Kind, SOON_MS, type Waiting } from './turns.ts';

export type Pool = {
  /**
   * @param signal the browser went
   * @throws what the work does; CausewayError of `refusal.ts` when the pass does not serve, or the home cannot be reached
   */
  use<T>(pass: Pass, signal: AbortSignal, work: Work<T>): Promise<T>;
  /**
   * As `use`, for work that keeps its connection for long: on a new one, as long as there may be more, since what was used
   * has a mailbox open, and whoever asks for a letter of it next would wait for a sign-in at the platform.
   */
  useForLong<T>(pass: Pass, signal: AbortSignal, work: Work<T>): Promise<T>;
  /**
   * Begins a request, after a hold if there is one. Asks sign-in only where no connection of the account's is open.
   * @throws as `use`
   */
  begin(pass: Pass, signal: AbortSignal): Promise<UnderWay>;
  /** Accounts with connections. */
  accounts(): number;
  close(): void;
};

/** Two tabs that read, one that waits for news, one that sends; Dovecot allows ten from one address. */
const LANES = 4;
/** Beyond it a browser asks faster than the platform answers, and is told to come again. */
const WAITING = 100;
/** In one process. Each costs some 60 KiB here, and a process at the platform. */
const CONNECTIONS = 2_000;
/** After its last use: a customer who reads comes back within it, and a sign-in at the platform costs ten times a look. */
const IDLE_MS = 90_000;
const LOOK_MS = 10_000;
/** A page that waits longer is told so. */
const REACH_MS = 8_000;

/** `login`: what the home knows the account by. */
export type Entered = { readonly home: string; readonly login: string; readonly customer: Customer };

export type UnderWay = {
  readonly pass: Pass;
  readonly signal: AbortSignal;
  readonly entered: Entered;
  /** @throws as the pool's; CausewayError `unavailable` when the account lives elsewhere by now */
  use<T>(work: Work<T>): Promise<T>;
  /** As `use`, for a short piece of something long: it begins when no other request of the account's is at work (turns.ts). */
  usePatiently<T>(work: Work<T>): Promise<T>;
  /** May be called more than once. What is used after it is work by itself. */
  end(): void;
};

type Account = { readonly lanes: Set<Lane>; underWay: number; /** Of these, those that wait for patient work. */ patient: number; noneUnderWay: PromiseWithResolvers<void> | undefined; opening: number; entered: Entered | undefined; readonly passes: Set<string>; readonly introducing: Set<string>; readonly waiting: Waiting[] };

type Options = {
  /** See `gateway/ask-sign-in.ts`. */
  readonly askAgain: (pass: Pass, signal: AbortSignal) => Promise<Answer>;
  readonly reach: (target: { accountId: number; address: string; home: string }, budgetMs: number, signal: AbortSignal) => Promise<ImapConnection>;
  readonly clock: Clock;
};

export function createPool({ askAgain, reach, clock }: Options): Pool {
  const accounts = new Map<number, Account>();
  const closing = new AbortController();
  let connections = 0;

  function accountOf(id: number): Account {
    const known = accounts.get(id);
    if (known !== undefined) return known;
    const account: Account = { lanes: new Set(), underWay: 0, patient: 0, noneUnderWay: undefined, opening: 0, entered: undefined, passes: new Set(), introducing: new Set(), waiting: [] };
    accounts.set(id, account);
    return account;
  }

  /** Gives work to connections that are free, and opens as many as are wanted. */
  function advance(id: number, account: Account): void {
    const wanting = giveTurns(account, clock.monotonic(), () => mayOpen(account));
    for (const { pass } of wanting.slice(account.opening)) {
      if (!mayOpen(account)) break;
      void open(id, account, pass);
    }
    // All that may be open is open, for others: another browser shares it, once sign-in knows its pass.
    for (const { pass } of account.waiting.slice(account.opening)) {
      if (account.lanes.size > 0 && !account.passes.has(pass.id) && !account.introducing.has(pass.id)) void introduce(id, account, pass);
    }
    if (account.lanes.size === 0) account.passes.clear();
    if (account.lanes.size === 0 && account.opening === 0 && account.waiting.length === 0 && account.underWay === 0) accounts.delete(id);
  }

  /** Whether there may be more connections than are open or being opened. */
  function mayOpen(account: Account): boolean {
    return account.lanes.size + account.opening < LANES && connections < CONNECTIONS;
  }

  async function open(id: number, account: Account, pass: Pass): Promise<void> {
    account.opening += 1;
    connections += 1;
    let place: Place | undefined;
    try {
      const { verdict, place: taken } = await askAgain(pass, closing.signal);
      if (taken === undefined) throw refusalOf(verdict);
      place = taken;
      if (verdict.customer === undefined) throw new CausewayError('internal', 'sign-in does not say whom it let in');
      const entered = { home: verdict.home, login: verdict.address, customer: verdict.customer };
      const connection = await reach(verdict, REACH_MS, closing.signal);
      const lane = createLane(connection, { frozen: place.frozen(), clock, requestsDone: () => requestsDone(account), onFree: () => advance(id, account) });
      account.lanes.add(lane);
      account.passes.add(pass.id);
      account.entered = entered;
      void lane.session.closed.then(() => {
        connections -= 1;
        account.lanes.delete(lane);
        advance(id, account);
      });
      place.open(lane.session);
    } catch (error) {
      connections -= 1;
      place?.leave();
      // Who shows the same pass would be told the same.
      for (const each of account.waiting.filter((waiting) => waiting.pass.id === pass.id)) each.fail(error);
    } finally {
      account.opening -= 1;
      advance(id, account);
    }
  }

  /** As `open`, but for the connection. */
  async function introduce(id: number, account: Account, pass: Pass): Promise<void> {
    account.introducing.add(pass.id);
    try {
      const { verdict, place } = await askAgain(pass, closing.signal);
      if (place === undefined) throw refusalOf(verdict);
      place.leave();
      if (account.lanes.size > 0) account.passes.add(pass.id);
    } catch (error) {
      for (const each of account.waiting.filter((waiting) => waiting.pass.id === pass.id)) each.fail(error);
    } finally {
      account.introducing.delete(pass.id);
      advance(id, account);
    }
  }

  const sweep = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(LOOK_MS, closing.signal);
      const old = clock.monotonic() - IDLE_MS;
      for (const { lanes } of accounts.values()) for (const lane of lanes) if (lane.isFree(false) && lane.idleSince() < old) lane.leave();
    }
  };
  void sweep().catch(() => {});

  function requestsDone(account: Account): Promise<void> {
    if (account.underWay === 0) return Promise.resolve();
    account.noneUnderWay ??= Promise.withResolvers();
    return account.noneUnderWay.promise;
  }

  async function use<T>(pass: Pass, signal: AbortSignal, work: Work<T>, { request, kind = 'now' }: { readonly request?: { readonly home: string } | undefined; readonly kind?: Kind } = {}): Promise<T> {
    if (signal.aborted || closing.signal.aborted) throw new CausewayError('aborted', 'nobody waits for it');
    const account = accountOf(pass.accountId);
    if (account.waiting.length >= WAITING) throw new CausewayError('unavailable', 'too much is asked for the account at once');
    if (connections >= CONNECTIONS && account.lanes.size === 0) throw new CausewayError('unavailable', 'the portal has no connection left');
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        signal.removeEventListener('abort', onAbort);
        const at = account.waiting.indexOf(waiting);
        if (at !== -1) account.waiting.splice(at, 1);
      };
      const onAbort = (): void => waiting.fail(new CausewayError('aborted', 'the browser went'));
      const waiting: Waiting = {
        pass,
        underWay: request !== undefined,
        kind,
        since: clock.monotonic(),
        // In this turn: nobody else may be given the lane.
        go(lane) {
          leave();
          if (request !== undefined && request.home !== account.entered?.home) return reject(new CausewayError('unavailable', 'the account was moved meanwhile'));
          resolve(lane.run(work, kind === 'long'));
        },
        fail: (error) => (leave(), reject(error)),
      };
      signal.addEventListener('abort', onAbort, { once: true });
      account.waiting.push(waiting);
      advance(pass.accountId, account);
      const isWaiting = (): boolean => account.waiting.includes(waiting);
      if (kind === 'now' && isWaiting()) clock.after(SOON_MS, () => void (isWaiting() && advance(pass.accountId, account)));
    });
  }

  return {
    use: (pass, signal, work) => use(pass, signal, work),
    useForLong: (pass, signal, work) => use(pass, signal, work, { kind: 'long' }),
    async begin(pass, signal) {
      const account = accountOf(pass.accountId);
      const isOpen = account.lanes.size > 0 && account.passes.has(pass.id) && [...account.lanes].every((lane) => !lane.isFrozen());
      if (isOpen) account.underWay += 1;
      // In the turn in which a lane is free: a freeze that comes next finds the request under way.
      else await use(pass, signal, async () => void (account.underWay += 1));
      let ended = false;
      const end = (): void => {
        if (ended) return;
        ended = true;
        account.underWay -= 1;
        if (account.underWay === 0) {
          account.noneUnderWay?.resolve();
          account.noneUnderWay = undefined;
        }
        advance(pass.accountId, account);
      };
      const { entered } = account;
      if (entered === undefined) {
        end();
        throw new CausewayError('unavailable', 'the connection went as it came');
      }
      const useAs = <T>(kind: Kind, work: Work<T>): Promise<T> => use(pass, signal, work, { request: ended ? undefined : entered, kind });
      return {
        pass,
        signal,
        entered,
        end,
        use: (work) => useAs('now', work),
        async usePatiently(work) {
          account.patient += 1;
          try {
            return await useAs('patient', work);
          } finally {
            account.patient -= 1;
          }
        },
      };
    },
    accounts: () => accounts.size,
    close() {
      closing.abort(NEEDLESS);
      for (const { waiting } of accounts.values()) for (const each of waiting.slice()) each.fail(new CausewayError('unavailable', 'the portal stops'));
    },
  };
}
