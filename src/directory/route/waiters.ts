/**
 * Sign-ins and deliveries that wait for the end of a hold. Invariants: there is a cap on them and on their time; who
 * is let go is told the route in the same turn in which it changed, so that nothing can come between.
 */
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { waitEnded } from '../events.ts';
import type { Route } from './route.ts';

/**
 * Waiters at once, over all accounts. Each is a connection of a customer or an MX: a hold takes about a second, a few
 * dozen run at once, and an account has some ten devices; far more than that is a storm, which must not take our sockets.
 */
const WAITERS = 2_000;

export type WaitOptions = {
  /** At most 10 s, the design's cap; the caller takes off what it waited already. */
  readonly waitMs: number;
  readonly signal?: AbortSignal;
  /** Called with the route before anything else can happen to the account: for entering a session as begun. */
  readonly register?: (route: Route) => void;
};

export type Waiters = {
  /** @throws CausewayError('unavailable') after `waitMs`, or when too many wait; CausewayError('aborted') */
  wait(accountId: number, options: WaitOptions): Promise<Route>;
  release(route: Route): void;
  /** Sends everybody away. */
  dismiss(reason: string): void;
  count(): number;
};

const CUSTOMER_TEXT = 'Your mailbox is being moved at this moment. Your password was not rejected. Try again in a minute.';

type Waiter = { readonly go: (route: Route) => void; readonly leave: (error: CausewayError) => void };

export function createWaiters({ clock, emit }: { clock: Clock; emit: Emit }): Waiters {
  const byAccount = new Map<number, Set<Waiter>>();
  let count = 0;

  const unavailable = (accountId: number, reason: string, message: string): CausewayError => {
    emit(waitEnded, { account: accountId, reason });
    return new CausewayError('unavailable', message, { customerText: CUSTOMER_TEXT });
  };

  return {
    count: () => count,
    async wait(accountId, { waitMs, signal, register }) {
      if (signal?.aborted) throw new CausewayError('aborted', 'the wait for a hold was given up');
      if (count >= WAITERS) throw unavailable(accountId, 'too-many', `${WAITERS} connections already wait for holds`);
      return new Promise<Route>((resolve, reject) => {
        const timer = new AbortController();
        const waiting = byAccount.get(accountId) ?? new Set();
        const end = (): void => {
          timer.abort();
          signal?.removeEventListener('abort', onAbort);
          count -= 1;
          waiting.delete(waiter);
          if (waiting.size === 0 && byAccount.get(accountId) === waiting) byAccount.delete(accountId);
        };
        const waiter: Waiter = {
          go(route) {
            end();
            try {
              register?.(route);
              resolve(route);
            } catch (error) {
              reject(error);
            }
          },
          leave(error) {
            end();
            reject(error);
          },
        };
        const onAbort = (): void => waiter.leave(new CausewayError('aborted', 'the wait for a hold was given up'));
        waiting.add(waiter);
        byAccount.set(accountId, waiting);
        count += 1;
        signal?.addEventListener('abort', onAbort, { once: true });
        clock.sleep(waitMs, timer.signal).then(
          () => waiter.leave(unavailable(accountId, 'hold-too-long', 'the account is held for longer than a sign-in can wait')),
          () => {},
        );
      });
    },
    release(route) {
      for (const waiter of byAccount.get(route.accountId) ?? []) waiter.go(route);
    },
    dismiss(reason) {
      for (const [accountId, waiting] of byAccount) {
        for (const waiter of waiting) waiter.leave(unavailable(accountId, 'dismissed', reason));
      }
    },
  };
}
