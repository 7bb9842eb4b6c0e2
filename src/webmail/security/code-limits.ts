/**
 * How many wrong codes of a second step are taken.
 *
 * Invariants: only who showed the right password comes this far. What is stopped is the asking for codes, first from where
 * the wrong ones came, and beyond MOST_A_DAY of the account everywhere; passes, mail programs, passkeys and (but for where
 * the wrong ones come from) recovery codes go on. Three of a million codes are right at a time, so MOST_A_DAY leaves a
 * thief of the password one chance in 3,000 a day. Bounded; an instance counts for itself.
 */
import { createBoundedMap } from '#signin/load/bounded-map.ts';

/** Of one account from one subscriber, within WINDOW_MS: typing errors and a clock that is wrong, with some patience. */
const FROM_ONE = 6;
const WINDOW_MS = 15 * 60_000;
const MOST_A_DAY = 100;
const DAY_MS = 86_400_000;
const KEPT = 20_000;

type Count = { since: number; wrong: number };

export type CodeLimits = {
  /** @param isRecovery it is a recovery code, which nobody guesses @returns ms until another one is taken, 0 for now */
  waitMs(accountId: number, subscriber: string, isRecovery: boolean): number;
  wrong(accountId: number, subscriber: string): void;
  right(accountId: number, subscriber: string): void;
};

/** @param now monotonic, ms */
export function createCodeLimits(now: () => number): CodeLimits {
  const fromOne = createBoundedMap<string, Count>(KEPT);
  const all = createBoundedMap<number, Count>(KEPT);

  const left = (count: Count | undefined, most: number, windowMs: number): number => (count === undefined || count.wrong < most ? 0 : Math.max(0, count.since + windowMs - now()));
  const add = (before: Count | undefined, windowMs: number): Count => (before === undefined || before.since + windowMs <= now() ? { since: now(), wrong: 1 } : { since: before.since, wrong: before.wrong + 1 });
  const keyOf = (accountId: number, subscriber: string): string => `${accountId} ${subscriber}`;

  return {
    waitMs(accountId, subscriber, isRecovery) {
      const here = left(fromOne.peek(keyOf(accountId, subscriber)), FROM_ONE, WINDOW_MS);
      return isRecovery ? here : Math.max(here, left(all.peek(accountId), MOST_A_DAY, DAY_MS));
    },
    wrong(accountId, subscriber) {
      const key = keyOf(accountId, subscriber);
      fromOne.set(key, add(fromOne.peek(key), WINDOW_MS));
      all.set(accountId, add(all.peek(accountId), DAY_MS));
    },
    right: (accountId, subscriber) => void fromOne.delete(keyOf(accountId, subscriber)),
  };
}
