/**
 * What one network has sent for one subject (an account, or a login name that is nobody's).
 *
 * Invariants: a distinct wrong secret counts once; a secret that was the account's own is counted apart, for people to
 * read, and for nothing else. A count ends a day after its last new wrong secret, and with the account's credential
 * version. Bounded.
 */
import type { Clock } from '#events/clock.ts';
import { createBoundedMap } from '../load/bounded-map.ts';
import type { Network } from './network.ts';

/** Pairs with a wrong secret in a day: a spray over all of 28,000 accounts and the customers' own. 25 MB. Who wants to be
 * forgotten must send as many wrong secrets to be checked, and the account's own ceiling forgets none of his. */
const PAIRS = 50_000;

/** Of a pair's wrong secrets; one that comes again after so many others counts anew. */
const REMEMBERED = 100;

/** As long as others count distinct wrong secrets (Mailu, a day). */
const COUNTED_MS = 24 * 3_600_000;

export type Pair = {
  readonly subject: number;
  readonly network: Network;
  version: number;
  /** The last distinct ones, oldest first. */
  wrong: Set<number>;
  /** How many distinct ones there have been. */
  distinct: number;
  /** How often an own secret of before came, and since when (ms since the epoch). */
  stale: { times: number; since: number };
  /** When the first and the last wrong secret came, the same one again included; ms since the epoch. */
  since: number;
  lastAt: number;
  /** When the last new one did, monotonic. */
  newAt: number;
};

export type Pairs = {
  find(subject: number, version: number, network: Network): Pair | undefined;
  open(subject: number, version: number, network: Network): Pair;
  /** The secret was wrong. @returns whether it is a new one */
  wrong(pair: Pair, secret: number): boolean;
  /** A secret that was right before was wrong. */
  stale(pair: Pair): void;
  /** A right secret came: what was counted goes, and is returned. */
  clear(subject: number, network: Network): ReadonlySet<number> | undefined;
  of(subject: number): Pair[];
};

/** @param onChanged the account has another secret than the one that was guessed at */
export function createPairs({ clock, limit = PAIRS, onChanged }: { clock: Clock; limit?: number; onChanged: (pair: Pair) => void }): Pairs {
  const pairs = createBoundedMap<string, Pair>(limit);

  function find(subject: number, version: number, network: Network): Pair | undefined {
    const pair = pairs.get(pairKey(subject, network));
    if (pair === undefined) return undefined;
    if (version > pair.version) {
      pair.version = version;
      forget(pair);
      onChanged(pair);
    } else if (pair.distinct > 0 && clock.monotonic() - pair.newAt >= COUNTED_MS) {
      forget(pair);
    }
    return pair;
  }

  function forget(pair: Pair): void {
    pair.wrong = new Set();
    pair.distinct = 0;
    pair.since = clock.now();
  }

  return {
    find,
    open(subject, version, network) {
      const before = find(subject, version, network);
      if (before !== undefined) return before;
      const now = clock.now();
      const pair: Pair = { subject, network, version, wrong: new Set(), distinct: 0, stale: { times: 0, since: now }, since: now, lastAt: now, newAt: clock.monotonic() };
      pairs.set(pairKey(subject, network), pair);
      return pair;
    },
    wrong(pair, secret) {
      pair.lastAt = clock.now();
      if (pair.wrong.has(secret)) return false;
      pair.wrong.add(secret);
      pair.distinct += 1;
      for (const oldest of pair.wrong) {
        if (pair.wrong.size <= REMEMBERED) break;
        pair.wrong.delete(oldest);
      }
      pair.newAt = clock.monotonic();
      return true;
    },
    stale(pair) {
      pair.lastAt = clock.now();
      if (pair.stale.times === 0) pair.stale.since = clock.now();
      pair.stale.times += 1;
    },
    clear(subject, network) {
      const pair = pairs.peek(pairKey(subject, network));
      if (pair === undefined) return undefined;
      // A stale device behind the same address goes on being explained.
      if (pair.stale.times === 0) pairs.delete(pairKey(subject, network));
      const { wrong } = pair;
      forget(pair);
      return wrong;
    },
    of: (subject) => [...pairs.entries()].map(([, pair]) => pair).filter((pair) => pair.subject === subject),
  };
}

export function pairKey(subject: number, network: Network): string {
  return `${subject} ${network.key}`;
}
