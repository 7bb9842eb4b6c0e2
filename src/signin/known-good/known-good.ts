/**
 * Secrets that were accepted before: they admit in microseconds, with every verifier dead.
 *
 * Invariants: an entry ends 14 days after its last full check, whatever the clock of a restart says; it is of one
 * credential version (part of its digest), so raising that ends all of an account's entries at once.
 */
import type { Clock } from '#events/clock.ts';
import { createBoundedMap } from '../load/bounded-map.ts';
import type { Digest } from './digest.ts';

/** A customer of one computer, one phone and one tablet, on an account of each of 28,000, ten times over would be
 * 840,000; half of that in use within 14 days fills it. About 70 MB when full. */
const ENTRIES = 500_000;

/** A secret that the authority has since refused admits at most one session per 15 minutes of its life, and a platform
 * sees one sign-in instead of the dozens that a mail client makes in that time. */
export const REVALIDATE_MS = 15 * 60_000;

/** A device that was away for a fortnight is checked like a new one. */
export const EXPIRE_MS = 14 * 24 * 3_600_000;

export type KnownGood = {
  /** Undefined when unknown or expired. `due`: it admits, and wants to be checked beside. */
  find(digest: Digest): { readonly due: boolean } | undefined;
  /** The secret passed a full check. */
  checked(digest: Digest): void;
  /** The secret matched what we hold, and the authority has not been asked yet. */
  admitted(digest: Digest): void;
  /** Not due again for `ms`: a check beside is under way, or could not be had. */
  postpone(digest: Digest, ms: number): void;
  end(digest: Digest): void;
  /** From now on `hear` is told of every change that a restart must know: the time of the last full check, or that there is none any more. */
  tell(hear: (digest: Digest, checkedAt: number | undefined) => void): void;
  /** For the snapshot: digest and time (ms since the epoch) of the last full check, least lately used first. */
  entries(): IterableIterator<readonly [Digest, number]>;
  /** From the snapshot, least lately used first. Expired ones are left out. */
  restore(entries: Iterable<readonly [Digest, number]>): number;
  /** Raised by every change, so that an unchanged table is not written again. */
  readonly generation: number;
  readonly size: number;
};

type Entry = { checkedAt: number; dueAt: number };

export function createKnownGood(clock: Clock, limit: number = ENTRIES): KnownGood {
  const map = createBoundedMap<Digest, Entry>(limit);
  let generation = 0;
  let hear: (digest: Digest, checkedAt: number | undefined) => void = () => {};
  const put = (digest: Digest, entry: Entry): void => {
    map.set(digest, entry);
    generation += 1;
    hear(digest, entry.checkedAt);
  };
  return {
    find(digest) {
      const entry = map.get(digest);
      if (entry === undefined) return undefined;
      const now = clock.now();
      if (now - entry.checkedAt >= EXPIRE_MS) {
        map.delete(digest);
        generation += 1;
        return undefined;
      }
      return { due: now >= entry.dueAt };
    },
    checked: (digest) => put(digest, { checkedAt: clock.now(), dueAt: clock.now() + REVALIDATE_MS }),
    admitted: (digest) => put(digest, { checkedAt: clock.now(), dueAt: clock.now() }),
    postpone(digest, ms) {
      const entry = map.peek(digest);
      if (entry !== undefined) entry.dueAt = clock.now() + ms;
    },
    end(digest) {
      if (!map.delete(digest)) return;
      generation += 1;
      hear(digest, undefined);
    },
    tell: (to) => void (hear = to),
    *entries() {
      for (const [digest, entry] of map.entries()) yield [digest, entry.checkedAt] as const;
    },
    restore(entries) {
      const now = clock.now();
      let count = 0;
      for (const [digest, at] of entries) {
        // A time to come is a clock that was set back: without the cut such an entry would outlive its 14 days.
        const checkedAt = Math.min(at, now);
        if (now - checkedAt >= EXPIRE_MS) continue;
        map.set(digest, { checkedAt, dueAt: checkedAt + REVALIDATE_MS });
        count += 1;
      }
      return count;
    },
    get generation() {
      return generation;
    },
    get size() {
      return map.size;
    },
  };
}
