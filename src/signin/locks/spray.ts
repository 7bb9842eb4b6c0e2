/**
 * Spraying: one secret tried on many accounts, or many login names tried from one network. No account sees more of it
 * than one or two wrong secrets, so it shows across accounts only.
 *
 * Invariants: locks are fed by verdicts only, and only by a subject and a network without a success, never by a secret
 * that was the account's own. A platform's refusal takes seconds to be believed, and is no verdict where it is not; until
 * then it makes the secret suspect, so that a spray is not checked a hundred times meanwhile. It stops strangers: who has
 * a success is asked nothing here. A network that is a listed shared range is never stopped as a network. Bounded.
 */
import type { Clock } from '#events/clock.ts';
import { createBoundedMap } from '../load/bounded-map.ts';
import type { Held } from './held.ts';
import type { Network } from './network.ts';

const HOUR = 3_600_000;

/** Accounts on which one secret has failed. Customers do not share wrong secrets from new networks: a provider's old
 * first password is the most likely to, and then those few devices are told to wait instead of being told no. */
export const SPRAYED_ACCOUNTS = 10;
/** In so long; a slower spray makes ten guesses a day with each secret. */
const SECRET_MS = 24 * HOUR;
/** A sprayed secret is not checked for strangers until nobody has sent it for so long. */
const SPRAYED_MS = HOUR;
/** As long as a platform that refused its sentinel is not believed. Few share a secret that is right, and of those only
 * strangers wait. */
const SUSPECT_MS = 60_000;
/** Secrets remembered: each cost a check, so turning it over takes eight minutes of 100 checks a second. 10 MB. */
const SECRETS = 50_000;

/** Login names that failed from one network in an hour: four times Mailu's 5, since an office or a school stands behind
 * one address, and twice more for each account that came to be known there in the same hour. */
export const SPRAYED_NAMES = 20;
const NAMES_A_SUCCESS = 2;
/** The most that successes can buy. */
const MOST_NAMES = 1_000;
const NETWORK_MS = HOUR;
/** An hour, and twice as long each time that it goes on, up to a day: addresses are given to others. */
const LOCK_MS = HOUR;
const MOST_LOCK_MS = 24 * HOUR;
/** Networks with a failure in an hour or a lock of a day: a large botnet's share that is busy here. 10 MB. */
const NETWORKS = 20_000;

export type Spray = {
  /** Whether the secret, or all from this network, is not to be checked for strangers. A network that is shared is not asked for. */
  stops(network: Network, secret: number): boolean;
  /** A stranger's secret was wrong. */
  wrong(subject: number, network: Network, secret: number): void;
  /** A platform refused a stranger's secret, and may or may not be believed. */
  suspected(subject: number, secret: number): void;
  /** An account came to be known from there. */
  joined(network: Network): void;
  /** Until when the network is locked, monotonic ms. */
  until(network: Network): number | undefined;
};

type Tried = { readonly subjects: Set<number>; since: number };
type Source = { readonly names: Set<number>; joined: number; since: number; locks: number; lockedAt: number };

export function createSpray({ clock, held }: { clock: Clock; held: Held }): Spray {
  const secrets = createBoundedMap<number, Tried>(SECRETS);
  const suspects = createBoundedMap<number, Tried>(SECRETS);
  const networks = createBoundedMap<number, Source>(NETWORKS);
  const secretKey = (secret: number): string => `secret ${secret}`;
  const networkKey = (network: Network): string => `network ${network.key}`;

  function source(network: Network): Source {
    const now = clock.monotonic();
    let found = networks.get(network.key);
    if (found === undefined) networks.set(network.key, (found = { names: new Set(), joined: 0, since: now, locks: 0, lockedAt: 0 }));
    if (now - found.since >= NETWORK_MS) {
      found.names.clear();
      found.joined = 0;
      found.since = now;
    }
    return found;
  }

  /** Beyond ten accounts it is sprayed for as long as it comes. */
  function note(into: typeof secrets, subject: number, secret: number, forMs: number): Tried {
    const now = clock.monotonic();
    let tried = into.get(secret);
    if (tried === undefined || now - tried.since >= forMs) into.set(secret, (tried = { subjects: new Set(), since: now }));
    if (tried.subjects.size < SPRAYED_ACCOUNTS) tried.subjects.add(subject);
    return tried;
  }

  function isSuspect(secret: number): boolean {
    const tried = suspects.get(secret);
    return tried !== undefined && tried.subjects.size >= SPRAYED_ACCOUNTS && clock.monotonic() - tried.since < SUSPECT_MS;
  }

  function wrongSecret(subject: number, secret: number): void {
    const tried = note(secrets, subject, secret, SECRET_MS);
    if (tried.subjects.size < SPRAYED_ACCOUNTS || held.until(secretKey(secret)) !== undefined) return;
    held.set(secretKey(secret), { kind: 'secret', accountId: undefined, network: undefined }, { ms: SPRAYED_MS, distinct: tried.subjects.size });
  }

  function wrongName(subject: number, network: Network): void {
    if (network.shared !== undefined || held.until(networkKey(network)) !== undefined) return;
    const found = source(network);
    found.names.add(subject);
    if (found.names.size < Math.min(MOST_NAMES, SPRAYED_NAMES + NAMES_A_SUCCESS * found.joined)) return;
    const now = clock.monotonic();
    if (now - found.lockedAt >= 2 * MOST_LOCK_MS) found.locks = 0;
    const ms = Math.min(MOST_LOCK_MS, LOCK_MS * 2 ** found.locks);
    held.set(networkKey(network), { kind: 'network', accountId: undefined, network: network.text }, { ms, distinct: found.names.size });
    found.locks += 1;
    found.lockedAt = now;
    found.names.clear();
  }

  return {
    stops(network, secret) {
      if (network.shared === undefined && held.until(networkKey(network)) !== undefined) return true;
      if (held.until(secretKey(secret)) === undefined) return isSuspect(secret);
      held.prolong(secretKey(secret), SPRAYED_MS);
      return true;
    },
    wrong(subject, network, secret) {
      wrongSecret(subject, secret);
      wrongName(subject, network);
    },
    suspected: (subject, secret) => void note(suspects, subject, secret, SUSPECT_MS),
    joined: (network) => void (source(network).joined += 1),
    until: (network) => held.until(networkKey(network)),
  };
}
