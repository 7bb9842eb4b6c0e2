/**
 * Machine clients, known by a token (RFC 6750), each with a name.
 *
 * Invariants: a token is compared by its digest, in constant time, with all that there are. A right one is never
 * refused, however many wrong ones came from the same address; of these an address has its fill, and is then told 429.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { subscriberOf } from '#net/networks.ts';
import { type AppEnv, tellInJson } from './app.ts';
import { tokenRefused } from './events.ts';
import { addressOf } from './server.ts';

/** A client with a wrong token asks a few times until somebody looks; tokens of 256 bits cannot be guessed in any number. */
const WRONG_LIMIT = 20;
const WINDOW_MS = 60_000;
/** Addresses with wrong tokens within the window; more are not told apart, and told 401. */
const ADDRESSES = 10_000;

/** @param tokens by the caller's name */
export function createBearer({ tokens, clock, emit }: { tokens: ReadonlyMap<string, { reveal(): string }>; clock: Clock; emit: Emit }): MiddlewareHandler<AppEnv> {
  const known = [...tokens].map(([name, token]) => ({ name, digest: digestOf(token.reveal()) }));
  const wrong = new Map<string, { count: number; until: number }>();

  function tooMany(address: string): boolean {
    const now = clock.monotonic();
    for (const [each, { until }] of wrong) {
      if (until > now) break;
      wrong.delete(each);
    }
    const subscriber = subscriberOf(address);
    const entry = wrong.get(subscriber) ?? { count: 0, until: now + WINDOW_MS };
    entry.count += 1;
    if (wrong.size < ADDRESSES) wrong.set(subscriber, entry);
    return entry.count > WRONG_LIMIT;
  }

  return async (c, next) => {
    const given = digestOf(/^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? '');
    let caller: string | undefined;
    for (const { name, digest } of known) if (timingSafeEqual(given, digest)) caller = name;
    if (caller !== undefined) {
      c.set('caller', caller);
      return next();
    }
    const address = addressOf(c.env);
    if (tooMany(address)) {
      return tellInJson(c, { status: 429, code: 'limit', message: 'Too many wrong tokens came from this address.', sentence: undefined, retryAfterSeconds: WINDOW_MS / 1_000 });
    }
    emit(tokenRefused, { network: address });
    c.header('WWW-Authenticate', 'Bearer');
    return tellInJson(c, { status: 401, code: 'refused', message: 'A token is needed: Authorization: Bearer ...', sentence: undefined, retryAfterSeconds: undefined });
  };
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
