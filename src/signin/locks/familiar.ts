/**
 * What an account's own devices have shown: the networks that it signed in from, and its last right secrets.
 *
 * Invariants: only a success enters anything, so an attacker pushes nothing out. A network is known for 30 days after
 * its last success. The secrets are the last three that were found right: the present one and the two before it, or,
 * when the present one has not been seen yet, three that were; a stale device's is among them. Bounded per account and
 * in all; what is forgotten is learnt again by the next success.
 */
import type { Clock } from '#events/clock.ts';
import { createBoundedMap } from '../load/bounded-map.ts';

/** Three times the 28,000 accounts of a large move. A typical one has five networks: 50 MB; all full: 200 MB. */
const ACCOUNTS = 100_000;

/** Home and work by IPv4 and IPv6, and a phone whose carrier gives it another address each day of the month. */
const NETWORKS = 32;

/** The present secret and the two before it, as Active Directory's "N-2" rule has it. */
const SECRETS = 3;

export const KNOWN_MS = 30 * 24 * 3_600_000;

/** A success is noted once in this time: of 30 days it is nothing, and most sign-ins change nothing here. */
const NOTED_MS = 3_600_000;

export type Entry = {
  /** Network to the time of its last success (ms since the epoch), least late first. */
  readonly networks: Map<number, number>;
  /** Latest first. */
  secrets: readonly number[];
};

export type Familiar = {
  knows(accountId: number, network: number): boolean;
  /** It did so once, however long ago, as far as that is remembered. */
  knew(accountId: number, network: number): boolean;
  /** A success came from there. `lately`: as it did within the hour. */
  visited(accountId: number, network: number): 'new' | 'known' | 'lately';
  /** `checked`: found right just now. Otherwise it was once, and the order of the last three stays as it is. */
  wasRight(accountId: number, secret: number, checked: boolean): void;
  /** Whether it is among the account's last right secrets. */
  isOwn(accountId: number, secret: number): boolean;
  /** Whether it is among them, and not the latest. */
  isStale(accountId: number, secret: number): boolean;
  /** All networks that are known to an account, some more than once. */
  allNetworks(): number[];
  /** How many networks the account has now. */
  networks(accountId: number): number;
  entries(): IterableIterator<[number, Entry]>;
  restore(accountId: number, entry: Entry): void;
  /** Raised by every change. */
  readonly generation: number;
};

export function createFamiliar(clock: Clock, limit: number = ACCOUNTS): Familiar {
  const accounts = createBoundedMap<number, Entry>(limit);
  let generation = 0;
  const open = (accountId: number): Entry => {
    let entry = accounts.get(accountId);
    if (entry === undefined) accounts.set(accountId, (entry = { networks: new Map(), secrets: [] }));
    return entry;
  };
  const isLately = (at: number | undefined, ms: number): boolean => at !== undefined && clock.now() - at < ms;
  return {
    knows: (accountId, network) => isLately(accounts.get(accountId)?.networks.get(network), KNOWN_MS),
    knew: (accountId, network) => accounts.get(accountId)?.networks.has(network) ?? false,
    visited(accountId, network) {
      const { networks } = open(accountId);
      const before = networks.get(network);
      if (isLately(before, NOTED_MS)) return 'lately';
      networks.delete(network);
      networks.set(network, clock.now());
      for (const oldest of networks.keys()) {
        if (networks.size <= NETWORKS) break;
        networks.delete(oldest);
      }
      generation += 1;
      return isLately(before, KNOWN_MS) ? 'known' : 'new';
    },
    wasRight(accountId, secret, checked) {
      const entry = open(accountId);
      const has = entry.secrets.includes(secret);
      if (has && (!checked || entry.secrets[0] === secret)) return;
      entry.secrets = [secret, ...entry.secrets.filter((other) => other !== secret)].slice(0, SECRETS);
      generation += 1;
    },
    isOwn: (accountId, secret) => accounts.get(accountId)?.secrets.includes(secret) ?? false,
    isStale: (accountId, secret) => (accounts.get(accountId)?.secrets.indexOf(secret) ?? -1) > 0,
    networks(accountId) {
      let known = 0;
      for (const at of accounts.get(accountId)?.networks.values() ?? []) if (isLately(at, KNOWN_MS)) known += 1;
      return known;
    },
    allNetworks: () => [...accounts.entries()].flatMap(([, { networks }]) => [...networks].filter(([, at]) => isLately(at, KNOWN_MS)).map(([network]) => network)),
    entries: () => accounts.entries(),
    restore(accountId, { networks, secrets }) {
      const now = clock.now();
      // A time to come is a clock that was set back: without the cut it would be known for longer than its 30 days.
      const kept = [...networks].map(([network, at]) => [network, Math.min(at, now)] as const).filter(([, at]) => now - at < KNOWN_MS);
      accounts.set(accountId, { networks: new Map(kept.slice(-NETWORKS)), secrets: secrets.slice(0, SECRETS) });
    },
    get generation() {
      return generation;
    },
  };
}
