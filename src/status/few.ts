/**
 * How often one network may do something.
 *
 * Invariants: what is remembered is bounded; with the memory full, who is not remembered is counted together, so that a
 * flood from everywhere ends its own share and not the memory.
 */
import { subscriberOf } from '#net/networks.ts';

export type Few = {
  /** Whether the network has had its fill. */
  full(address: string): boolean;
  count(address: string): void;
};

/** Networks told apart within the window. */
const NETWORKS = 20_000;

export function createFew({ most, windowMs, now }: { most: number; windowMs: number; now: () => number }): Few {
  const counts = new Map<string, { count: number; until: number }>();
  const entry = (address: string): { count: number; until: number } | undefined => {
    for (const [each, { until }] of counts) {
      if (until > now()) break;
      counts.delete(each);
    }
    const subscriber = subscriberOf(address);
    return counts.get(subscriber) ?? (counts.size < NETWORKS ? undefined : counts.get(''));
  };
  return {
    full: (address) => (entry(address)?.count ?? 0) >= most,
    count(address) {
      const found = entry(address);
      if (found !== undefined) found.count += 1;
      else counts.set(counts.size < NETWORKS ? subscriberOf(address) : '', { count: 1, until: now() + windowMs });
    },
  };
}
