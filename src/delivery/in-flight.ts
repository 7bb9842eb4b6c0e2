/**
 * Which deliveries are under way for which account: the delivery side of a hold.
 *
 * Invariants: a delivery is entered in the same turn in which its route was read, so a freeze that begins later sees
 * it. A freeze is quiet only when no delivery of the account is under way; one that has not ended when the freeze's
 * time is up makes it busy. Nothing is ever cut: a delivery under way is let finish, unless its home was given up.
 */
import { ABANDONED_MS } from '#directory/route/route.ts';
import type { Clock } from '#events/clock.ts';

export type Delivery = {
  /** False once the client dropped the transaction (RSET), which no server tells us of at the time. */
  alive(): boolean;
  /** The account's home was given up: the delivery is under way there no more, and its recipient is deferred. */
  abandon?(accountId: number): void;
};

export type InFlight = {
  enter(accountId: number, delivery: Delivery): void;
  leave(accountId: number, delivery: Delivery): void;
  freeze(accountId: number, epoch: number, deadlineMs: number, abandoned?: boolean): Promise<'quiet' | 'busy'>;
  cut(accountId: number): Promise<void>;
  thaw(accountId: number): void;
};

export function createInFlight(clock: Clock): InFlight {
  const deliveries = new Map<number, Set<Delivery>>();
  const waiting = new Map<number, Set<() => void>>();

  const quiet = (accountId: number): boolean => {
    const own = deliveries.get(accountId);
    if (own === undefined) return true;
    for (const delivery of own) if (!delivery.alive()) own.delete(delivery);
    if (own.size > 0) return false;
    deliveries.delete(accountId);
    return true;
  };

  return {
    enter(accountId, delivery) {
      const own = deliveries.get(accountId) ?? new Set();
      own.add(delivery);
      deliveries.set(accountId, own);
    },
    leave(accountId, delivery) {
      deliveries.get(accountId)?.delete(delivery);
      if (!quiet(accountId)) return;
      for (const wake of waiting.get(accountId) ?? []) wake();
    },
    async freeze(accountId, _epoch, deadlineMs, abandoned = false) {
      if (quiet(accountId)) return 'quiet';
      const wakes = waiting.get(accountId) ?? new Set();
      waiting.set(accountId, wakes);
      const timer = new AbortController();
      await new Promise<void>((resolve) => {
        wakes.add(resolve);
        clock.sleep(abandoned ? Math.min(ABANDONED_MS, deadlineMs) : deadlineMs, timer.signal).then(resolve, () => {});
      });
      timer.abort();
      waiting.delete(accountId);
      if (abandoned) for (const delivery of deliveries.get(accountId) ?? []) delivery.abandon?.(accountId);
      return quiet(accountId) ? 'quiet' : 'busy';
    },
    async cut(accountId) {
      if (!quiet(accountId)) throw new Error('a delivery began in a hold');
    },
    thaw() {},
  };
}
