/**
 * Wrong tries, and how long the next one waits.
 *
 * Invariants: a try that is taken is judged, late at the worst: wrong ones make a right password wait, and never make it
 * wrong; one that is not taken, since too many wait, is told so. Who has signed in from this browser before has a count of its own, so nobody's guessing makes its owner wait. A
 * stranger's tries wait by name and subscriber; beyond MANY a day for one name, all strangers wait in one row, whose place
 * nobody holds longer than LONGEST_MS. Bounded; an instance counts for itself.
 *
 * One try in LONGEST_MS is 8,640 a day: of the 2^80 passwords that we make, and the 2^50 that a person chooses, nothing.
 */
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { createBoundedMap } from '#signin/load/bounded-map.ts';

/** Typing errors. */
const FREE = 3;
/** What a browser waits without a sign that something is wrong. */
const LONGEST_MS = 10_000;
/** Within it wrong ones count. */
const WINDOW_MS = 15 * 60_000;
const DAY_MS = 86_400_000;
const MANY = 100;
/** Tries of one count that wait for their turn: two tabs and a second click; the last of them waits half a minute. */
const WAITING = 3;
const KEPT = 20_000;

type Count = { since: number; wrong: number; waiting: number; turn: Promise<unknown> };

export type Tries = {
  /**
   * Waits for the try's turn, then judges.
   * @param known this browser has signed in as `name` before: a name of its own
   * @throws CausewayError('limit') when too many wait already
   */
  judge(who: { readonly name: string; readonly subscriber: string; readonly known: string | undefined }, check: () => Promise<boolean>, signal: AbortSignal): Promise<boolean>;
};

export function createTries(clock: Clock): Tries {
  const near = createBoundedMap<string, Count>(KEPT);
  const strangers = createBoundedMap<string, Count>(KEPT);

  const countIn = (map: typeof near, key: string, windowMs: number): Count => {
    const now = clock.monotonic();
    const found = map.get(key) ?? { since: now, wrong: 0, waiting: 0, turn: Promise.resolve() };
    if (found.since + windowMs <= now) Object.assign(found, { since: now, wrong: 0 });
    map.set(key, found);
    return found;
  };

  const delayOf = (wrong: number): number => (wrong < FREE ? 0 : Math.min(LONGEST_MS, 1_000 * 2 ** (wrong - FREE)));

  async function inTurn(count: Count, ms: () => number, signal: AbortSignal, work: () => Promise<boolean>): Promise<boolean> {
    if (count.waiting >= WAITING) throw new CausewayError('limit', 'too many tries wait already', { customerText: 'Several tries are being checked. Please wait half a minute, and try once more.' });
    count.waiting += 1;
    const turn = count.turn.then(async () => {
      const wait = ms();
      if (wait > 0) await clock.sleep(wait, signal);
      return work();
    });
    count.turn = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      count.waiting -= 1;
    }
  }

  return {
    async judge({ name, subscriber, known }, check, signal) {
      const own = countIn(near, known === undefined ? `from ${subscriber} ${name}` : `known ${known} ${name}`, WINDOW_MS);
      const all = known === undefined ? countIn(strangers, name, DAY_MS) : undefined;
      const judged = async (): Promise<boolean> => {
        const right = await check();
        if (right) own.wrong = 0;
        else {
          own.wrong += 1;
          if (all !== undefined) all.wrong += 1;
        }
        return right;
      };
      const crowded = all !== undefined && all.wrong >= MANY;
      return inTurn(own, () => delayOf(own.wrong), signal, () => (crowded ? inTurn(all, () => LONGEST_MS, signal, judged) : judged()));
    },
  };
}
