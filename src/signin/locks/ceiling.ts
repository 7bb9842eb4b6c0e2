/**
 * The ceiling of a subject (an account, or a login name that is nobody's): after 100 distinct wrong secrets from
 * networks without a success it is closed to all of those (NIST SP 800-63B, 5.2.2: no more than 100).
 *
 * Invariants: what is counted ends 30 days after the last new one, closed or not, and with the account's credential
 * version: the guesses were at another secret. A network that has a success takes back what it sent before. Bounded.
 */
import type { Clock } from '#events/clock.ts';
import { createBoundedMap } from '../load/bounded-map.ts';

export const CEILING = 100;

/** As long as a network without a new success stays known: both end in the same time. */
export const COUNTED_MS = 30 * 24 * 3_600_000;

export type Count = {
  readonly wrong: Set<number>;
  readonly version: number;
  /** Wall times, ms. */
  since: number;
  lastAt: number;
};

export type Ceiling = {
  /** The count as it is now; undefined when nothing is counted. */
  find(subject: number, version: number): Count | undefined;
  /** As `find`, and begins a count. */
  open(subject: number, version: number): Count;
  /** A distinct secret was wrong. @returns whether it was new */
  add(count: Count, secret: number): boolean;
  takeBack(subject: number, secrets: Iterable<number>): void;
  entries(): IterableIterator<[number, Count]>;
  restore(subject: number, count: { version: number; since: number; lastAt: number; wrong: readonly number[] }): void;
  readonly generation: number;
};

/** @param onEnded a subject that was closed is so no more */
export function createCeiling({ clock, limit, onEnded }: { clock: Clock; limit: number; onEnded: (subject: number, why: 'expired' | 'changed') => void }): Ceiling {
  const counts = createBoundedMap<number, Count>(limit);
  let generation = 0;

  function find(subject: number, version: number): Count | undefined {
    const count = counts.get(subject);
    if (count === undefined) return undefined;
    const why = clock.now() - count.lastAt >= COUNTED_MS ? 'expired' : version > count.version ? 'changed' : undefined;
    if (why === undefined) return count;
    counts.delete(subject);
    generation += 1;
    if (isClosed(count)) onEnded(subject, why);
    return undefined;
  }

  return {
    find,
    open(subject, version) {
      const before = find(subject, version);
      if (before !== undefined) return before;
      const count = { wrong: new Set<number>(), version, since: clock.now(), lastAt: clock.now() };
      counts.set(subject, count);
      return count;
    },
    add(count, secret) {
      if (count.wrong.has(secret) || isClosed(count)) return false;
      if (count.wrong.size === 0) count.since = clock.now();
      count.wrong.add(secret);
      count.lastAt = clock.now();
      generation += 1;
      return true;
    },
    takeBack(subject, secrets) {
      const count = counts.peek(subject);
      // A closed account stays closed: what a stranger sent counts, whoever sent the same.
      if (count === undefined || isClosed(count)) return;
      for (const secret of secrets) if (count.wrong.delete(secret)) generation += 1;
    },
    entries: () => counts.entries(),
    restore(subject, { wrong, ...rest }) {
      counts.set(subject, { ...rest, lastAt: Math.min(rest.lastAt, clock.now()), wrong: new Set(wrong.slice(0, CEILING)) });
    },
    get generation() {
      return generation;
    },
  };
}

export function isClosed(count: Count | undefined): boolean {
  return count !== undefined && count.wrong.size >= CEILING;
}
