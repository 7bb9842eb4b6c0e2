/**
 * How many wrong secrets we carry to a platform: through us, nobody gets a customer locked out there.
 *
 * Invariants: an account's secrets are counted when they are on their way, and given back when the answer was not a
 * refusal; the same wrong secret again is no new guess. The platform's own budget is charged by refusals only: a storm
 * of right secrets must pass, and what is on its way at once is bounded by the verifier.
 */
import type { Clock } from '#events/clock.ts';
import { createBoundedMap } from './bounded-map.ts';
import type { Digest } from '../known-good/digest.ts';

/** Platforms lock at about 10 wrong secrets (Entra's default is 10, WildDuck's 12, Keycloak's 30): half is left to the
 * customer's devices that still go there directly. */
const DISTINCT = 5;

/** The same wrong secret, again and again, by the phone in the drawer. Its polls are every minute or slower, and it sent
 * as many before it was behind us; the cap is for a device that loops. */
const REFUSALS = 60;

const WINDOW_MS = 10 * 60_000;

/** Accounts with a refusal in the window: more than a provider of 28,000 has. */
const ACCOUNTS = 50_000;

/** Wrong secrets over all accounts: a bad morning of a large provider is below; a spray over all accounts is above. */
const PLATFORM_BURST = 200;
const PLATFORM_PER_SECOND = 20;

export type Ticket = { end(refused: boolean): void };
/** `known`: the network had a success, so its wrong secrets are no spray's: the platform's own budget neither stops nor counts them. */
export type Budget = { take(accountId: number, digest: Digest, known: boolean): Ticket | undefined };

type Spent = {
  /** When each distinct secret was refused last. */
  readonly secrets: Map<Digest, number>;
  /** Secrets that are on their way, and how often. */
  readonly onTheWay: Map<Digest, number>;
  /** When refusals came, oldest first; at most REFUSALS. */
  refusals: number[];
};

/** The budget of one platform. */
export function createBudget(clock: Clock): Budget {
  const accounts = createBoundedMap<number, Spent>(ACCOUNTS);
  let tokens = PLATFORM_BURST;
  let filledAt = clock.monotonic();

  function of(accountId: number, now: number): Spent {
    let spent = accounts.get(accountId);
    if (spent === undefined) {
      spent = { secrets: new Map(), onTheWay: new Map(), refusals: [] };
      accounts.set(accountId, spent);
    }
    for (const [digest, at] of spent.secrets) if (now - at >= WINDOW_MS) spent.secrets.delete(digest);
    spent.refusals = spent.refusals.filter((at) => now - at < WINDOW_MS);
    return spent;
  }

  return {
    take(accountId, digest, known) {
      const now = clock.monotonic();
      tokens = Math.min(PLATFORM_BURST, tokens + ((now - filledAt) / 1000) * PLATFORM_PER_SECOND);
      filledAt = now;
      const spent = of(accountId, now);
      const under = [...spent.onTheWay.values()].reduce((sum, n) => sum + n, 0);
      if (spent.refusals.length + under >= REFUSALS) return undefined;
      const fresh = !spent.secrets.has(digest) && !spent.onTheWay.has(digest);
      if (fresh) {
        const counted = new Set([...spent.secrets.keys(), ...spent.onTheWay.keys()]);
        if (counted.size >= DISTINCT || (!known && tokens < 1)) return undefined;
      }
      spent.onTheWay.set(digest, (spent.onTheWay.get(digest) ?? 0) + 1);
      let ended = false;
      return {
        end(refused) {
          if (ended) return;
          ended = true;
          const left = (spent.onTheWay.get(digest) ?? 1) - 1;
          if (left === 0) spent.onTheWay.delete(digest);
          else spent.onTheWay.set(digest, left);
          if (refused) {
            spent.secrets.set(digest, clock.monotonic());
            spent.refusals.push(clock.monotonic());
            if (fresh && !known) tokens -= 1;
          }
        },
      };
    },
  };
}
