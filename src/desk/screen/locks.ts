/** What an account's locks are now, from what an instance wrote down of them when they last changed. Pure. */
import { type Explanation, inWords } from '#signin/index.ts';
import type { LockEvidence } from './evidence.ts';

/** Of signin/locks. */
const CEILING = 100;
/** A network's own count ends a day after its last. */
const PAIR_MS = 24 * 3_600_000;

/** @param now ms since the epoch; what has ended by then is left out */
export function locksNow(told: Explanation | undefined, now: number): LockEvidence {
  if (told === undefined) return { distinct: 0, ceiling: CEILING, networks: [], inWords: [] };
  const ahead = (until: number | undefined): number | undefined => (until === undefined || until <= now ? undefined : until);
  const { closed, ceiling } = told;
  const explanation: Explanation = {
    ...told,
    closed: closed === undefined || closed.until <= now ? undefined : closed,
    distinct: closed !== undefined && closed.until <= now ? 0 : told.distinct,
    networks: told.networks
      .filter(({ lastAt, lockedUntil }) => lastAt > now - PAIR_MS || ahead(lockedUntil) !== undefined)
      .map((network) => ({ ...network, lockedUntil: ahead(network.lockedUntil), sprayingUntil: ahead(network.sprayingUntil) })),
  };
  return {
    distinct: explanation.distinct,
    ceiling,
    ...(explanation.closed === undefined ? {} : { closed: explanation.closed }),
    networks: explanation.networks.map(({ lockedUntil, sprayingUntil, ...network }) => ({
      ...network,
      ...(lockedUntil === undefined ? {} : { lockedUntil }),
      ...(sprayingUntil === undefined ? {} : { sprayingUntil }),
    })),
    inWords: inWords(explanation, { now }),
  };
}
