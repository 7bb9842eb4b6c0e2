/**
 * The locks that hold now.
 *
 * Invariants: one that has expired locks nothing, whether or not its end has been told; each end is told once, at most
 * SWEEP_MS late. Locks are in memory only: a restart ends those of minutes and hours, and the counts that last are the
 * account's (`ceiling.ts`).
 */
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { createBoundedMap } from '../load/bounded-map.ts';
import { lockEnded, lockSet } from './events.ts';

export type Lock = {
  /** `pair`: an account from one network. `network`: all names from it. `secret`: one secret that is tried on many accounts. */
  readonly kind: 'pair' | 'network' | 'secret';
  readonly accountId: number | undefined;
  readonly network: string | undefined;
};

/** Each took at least six checks to set: more than an hour of an attacker's with 100 checks a second. 15 MB when full. */
const LOCKS = 50_000;

export const SWEEP_MS = 30_000;

export type Held = {
  set(key: string, lock: Lock, terms: { ms: number; distinct: number }): void;
  /** Until when, in monotonic ms; undefined when there is none. */
  until(key: string): number | undefined;
  /** The lock holds `ms` from now on. */
  prolong(key: string, ms: number): void;
  end(key: string, why: 'success' | 'changed'): void;
  /** Tells the ends of those that have expired. */
  sweep(): void;
};

export function createHeld({ clock, emit, limit = LOCKS }: { clock: Clock; emit: Emit; limit?: number }): Held {
  const locks = createBoundedMap<string, { readonly lock: Lock; until: number }>(limit);
  const current = (key: string): { readonly lock: Lock; until: number } | undefined => {
    const held = locks.get(key);
    return held !== undefined && clock.monotonic() < held.until ? held : undefined;
  };
  return {
    set(key, lock, { ms, distinct }) {
      locks.set(key, { lock, until: clock.monotonic() + ms });
      emit(lockSet, { ...lock, distinct, minutes: Math.round(ms / 60_000) });
    },
    until: (key) => current(key)?.until,
    prolong(key, ms) {
      const held = current(key);
      if (held !== undefined) held.until = clock.monotonic() + ms;
    },
    end(key, why) {
      const held = locks.peek(key);
      if (held === undefined || !locks.delete(key)) return;
      emit(lockEnded, { ...held.lock, why: clock.monotonic() < held.until ? why : 'expired' });
    },
    sweep() {
      const now = clock.monotonic();
      for (const [key, { lock, until }] of locks.entries()) {
        if (now < until) continue;
        locks.delete(key);
        emit(lockEnded, { ...lock, why: 'expired' });
      }
    },
  };
}
