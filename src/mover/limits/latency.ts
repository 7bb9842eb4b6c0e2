/**
 * Whether a platform answers slower and slower: servers that throttle often say nothing and let one wait (Exchange Online,
 * Yahoo, a Dovecot whose disks are at their end).
 *
 * Invariant: it compares a platform with itself alone: the median of its last answers with its best of the last twenty
 * minutes; one slow answer, or a platform that is far away, says nothing. After a yes it takes as many new answers to say
 * so again.
 */
import type { Clock } from '#events/clock.ts';

/** The median of five: two may be slow by chance. */
const ANSWERS = 5;
/** Four times the best, and by more than a garbage collection or a restarted worker of the platform costs. */
const GROWN = { times: 4, byMs: 500 };
/** The best of two such spans counts: a path that has become longer for good is a new best after it. */
const SPAN_MS = 10 * 60_000;

export type Latency = {
  /** @param ms what an answer took; always of the same question @returns whether it has grown */
  note(ms: number): boolean;
};

export function createLatency(clock: Clock): Latency {
  let last: number[] = [];
  let [best, former] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let since = clock.monotonic();
  return {
    note(ms) {
      const now = clock.monotonic();
      if (now - since > SPAN_MS) [best, former, since] = [Number.POSITIVE_INFINITY, best, now];
      best = Math.min(best, ms);
      last = [...last.slice(1 - ANSWERS), ms];
      const median = last.toSorted((a, b) => a - b)[Math.floor(ANSWERS / 2)];
      const lowest = Math.min(best, former);
      if (last.length < ANSWERS || median === undefined || median < GROWN.times * lowest || median < lowest + GROWN.byMs) return false;
      last = [];
      return true;
    },
  };
}
