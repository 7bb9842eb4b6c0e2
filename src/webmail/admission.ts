/**
 * Which requests are worked on, and which wait for their turn.
 *
 * Invariants: of an account at most `perAccount` are worked on at a time, of a home at most `atWork`, so a home that hangs
 * takes nothing from the customers of another. What a person looks at goes before what searches texts, of which a platform
 * may read thousands of files: a few of these are always worked on, more while the others are answered quickly. Within a
 * kind the first came first, but for accounts that have their share; half of a share is for what is looked at. Nobody
 * waits beyond WAIT_MS, nor behind more than WAITING: who would is refused at once, cheaply, and as unavailable.
 */
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';

export type Kind = 'look' | 'search';

export type Admission = {
  /** @returns what ends it; undefined: it would have to wait */
  tryEnter(asked: Asked): (() => void) | undefined;
  /**
   * @returns what ends it, when its turn has come
   * @throws CausewayError 'limit' when the account has too many, 'unavailable' when all are too many, 'aborted' by the signal
   */
  enter(asked: Asked, signal: AbortSignal): Promise<() => void>;
  /** For how many there was no turn yet. */
  waiting(): number;
};

export type Asked = { readonly accountId: number; readonly home: string; readonly kind: Kind };

export type Bounds = {
  readonly perAccount: number;
  /** Worked on and waiting. */
  readonly mostOfAccount: number;
  readonly atWork: number;
};

/** Of searches, of one home, while others are slow; and at most. A search may take a platform a second of a core. */
const SEARCHES = { few: 4, most: 32 };
/** What a page feels as late. A platform that is 40 ms away answers within. */
const SLOW_MS = 200;
/** Of the requests before, how much a new one counts in what they take. */
const SHARE = 0.05;
/** In which a browser, or its user, loses patience. */
const WAIT_MS = 20_000;
/** Of one home. Some kB each, as their bodies are bounded elsewhere. */
const WAITING = 2_000;

type Waiting = Asked & { readonly since: number; go(): void };
type Home = { atWork: number; searches: number; /** What looks took lately, with their waiting, ms. */ took: number; readonly waiting: Waiting[] };

export function createAdmission(clock: Pick<Clock, 'monotonic' | 'after'>, { perAccount, mostOfAccount, atWork }: Bounds): Admission {
  const homes = new Map<string, Home>();
  /** `all`: at work and waiting. */
  const accounts = new Map<number, { atWork: number; searches: number; all: number }>();

  function homeOf(name: string): Home {
    const known = homes.get(name) ?? { atWork: 0, searches: 0, took: 0, waiting: [] };
    homes.set(name, known);
    return known;
  }

  function come(id: number): void {
    const account = accounts.get(id) ?? { atWork: 0, searches: 0, all: 0 };
    account.all += 1;
    accounts.set(id, account);
  }

  function leave(id: number): void {
    const account = accounts.get(id)!;
    account.all -= 1;
    if (account.all === 0) accounts.delete(id);
  }

  function mayBegin({ accountId, kind }: Asked, home: Home): boolean {
    const account = accounts.get(accountId);
    if (home.atWork >= atWork || (account?.atWork ?? 0) >= perAccount) return false;
    if (kind === 'look') return true;
    if ((account?.searches ?? 0) >= perAccount / 2) return false;
    const isBusy = home.took > SLOW_MS && home.atWork > home.searches;
    return home.searches < (isBusy ? SEARCHES.few : SEARCHES.most);
  }

  /** @param home of whose account it has come @returns what ends it */
  function begin({ accountId, kind }: Asked, home: Home, since: number): () => void {
    const account = accounts.get(accountId)!;
    home.atWork += 1;
    account.atWork += 1;
    if (kind === 'search') {
      home.searches += 1;
      account.searches += 1;
    }
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      home.atWork -= 1;
      account.atWork -= 1;
      if (kind === 'search') {
        home.searches -= 1;
        account.searches -= 1;
      } else {
        home.took += SHARE * (clock.monotonic() - since - home.took);
      }
      leave(accountId);
      // The account's others may wait at another home, when it has just moved.
      for (const each of homes.values()) if (each.waiting.length > 0) advance(each);
    };
  }

  function advance(home: Home): void {
    for (const kind of ['look', 'search'] as const) {
      for (let next = true; next; ) {
        const found = home.atWork < atWork ? home.waiting.find((each) => each.kind === kind && mayBegin(each, home)) : undefined;
        found?.go();
        next = found !== undefined;
      }
    }
  }

  return {
    tryEnter(asked) {
      const home = homeOf(asked.home);
      // Who waits could not begin either: whoever can does so in the turn in which there is room.
      if (!mayBegin(asked, home)) return undefined;
      come(asked.accountId);
      return begin(asked, home, clock.monotonic());
    },
    enter(asked, signal) {
      const home = homeOf(asked.home);
      if (signal.aborted) return Promise.reject(new CausewayError('aborted', 'nobody waits for it'));
      if ((accounts.get(asked.accountId)?.all ?? 0) >= mostOfAccount) return Promise.reject(new CausewayError('limit', 'the account asks for too much at once'));
      if (home.waiting.length >= WAITING) return Promise.reject(tooMuch('too many requests wait'));
      come(asked.accountId);
      return new Promise((resolve, reject) => {
        const since = clock.monotonic();
        const gone = (): void => {
          home.waiting.splice(home.waiting.indexOf(waiting), 1);
          signal.removeEventListener('abort', onAbort);
          inTime();
        };
        const fail = (error: CausewayError): void => {
          gone();
          leave(asked.accountId);
          reject(error);
        };
        const waiting: Waiting = {
          ...asked,
          since,
          go() {
            gone();
            resolve(begin(asked, home, since));
          },
        };
        const onAbort = (): void => fail(new CausewayError('aborted', 'the client went'));
        const inTime = clock.after(WAIT_MS, () => fail(tooMuch('a request had no turn in time')));
        signal.addEventListener('abort', onAbort, { once: true });
        home.waiting.push(waiting);
        advance(home);
      });
    },
    waiting: () => [...homes.values()].reduce((sum, { waiting }) => sum + waiting.length, 0),
  };
}

/** What a customer is told of an overload. @param what the internal message */
export function tooMuch(what: string): CausewayError {
  return new CausewayError('unavailable', what, { customerText: 'There is very much to do at the moment. Please try again in a minute.' });
}
