/**
 * How many requests are worked on at once, in all and from one subscriber.
 *
 * Invariants: one over the limit costs nothing and waits for nothing; it is told that it is busy here, never anything
 * about a password. A place is given back however the work ends. What is remembered is bounded by the work.
 */
import type { MiddlewareHandler } from 'hono';
import { CausewayError } from '#errors/index.ts';
import { subscriberOf } from '#net/networks.ts';
import type { AppEnv } from './app.ts';
import { addressOf } from './server.ts';

export function createAtOnce({ total, perSubscriber }: { readonly total: number; readonly perSubscriber: number }): MiddlewareHandler<AppEnv> {
  const bySubscriber = new Map<string, number>();
  let all = 0;
  return async (c, next) => {
    const subscriber = subscriberOf(addressOf(c.env));
    const own = bySubscriber.get(subscriber) ?? 0;
    if (all >= total || own >= perSubscriber) throw new CausewayError('unavailable', 'too many requests at once');
    all += 1;
    bySubscriber.set(subscriber, own + 1);
    try {
      await next();
    } finally {
      all -= 1;
      const left = bySubscriber.get(subscriber)! - 1;
      if (left === 0) bySubscriber.delete(subscriber);
      else bySubscriber.set(subscriber, left);
    }
  };
}
