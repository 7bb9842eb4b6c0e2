/**
 * What a verdict counts: a wrong secret against its network and its account, a right one for its network.
 *
 * Invariants: distinct wrong secrets count, repeats do not; an account's own secrets of before never do, nor does anything
 * from a network where it had a success. A right secret from a network takes back what that network's counted.
 */
import type { Emit } from '#events/index.ts';
import { type Ceiling, CEILING, COUNTED_MS } from './ceiling.ts';
import { lockSet, nearLock } from './events.ts';
import type { Familiar } from './familiar.ts';
import type { Held } from './held.ts';
import { lockMs, nextLock } from './ladder.ts';
import type { Network } from './network.ts';
import { type Pair, pairKey, type Pairs } from './pairs.ts';
import type { Spray } from './spray.ts';
import { idOf } from './subject.ts';

/** A near-lock is told when so few are left. */
const NEAR_CEILING = 10;

export type Counting = {
  /** @returns whether it is news: a distinct one, from a network where the account had no success */
  wrong(subject: number, version: number, network: Network, secret: number, plain: number): boolean;
  /** `secret`: undefined where it is not to be remembered. @returns whether something was learnt */
  right(accountId: number, network: Network, secret: number | undefined, how: 'checked' | 'held'): boolean;
};

type Options = { readonly familiar: Familiar; readonly held: Held; readonly pairs: Pairs; readonly spray: Spray; readonly ceilingOf: (subject: number) => Ceiling; readonly emit: Emit };

export function createCounting({ familiar, held, pairs, spray, ceilingOf, emit }: Options): Counting {
  function countPair(pair: Pair): void {
    const distinct = pair.distinct;
    const what = { kind: 'pair', accountId: idOf(pair.subject), network: pair.network.text } as const;
    const ms = lockMs(distinct);
    if (ms !== undefined) held.set(pairKey(pair.subject, pair.network), what, { ms, distinct });
    else if (nextLock(distinct) === distinct + 1) emit(nearLock, { ...what, distinct });
  }

  function countSubject(subject: number, version: number, secret: number): void {
    const counts = ceilingOf(subject);
    const count = counts.open(subject, version);
    if (!counts.add(count, secret)) return;
    const distinct = count.wrong.size;
    const what = { kind: 'account', accountId: idOf(subject), network: undefined };
    if (distinct === CEILING) emit(lockSet, { ...what, distinct, minutes: COUNTED_MS / 60_000 });
    else if (distinct === CEILING - NEAR_CEILING) emit(nearLock, { ...what, distinct });
  }

  return {
    wrong(subject, version, network, secret, plain) {
      const pair = pairs.open(subject, version, network);
      const known = (key: number | undefined): boolean => subject >= 0 && key !== undefined && familiar.knows(subject, key);
      if (subject >= 0 && familiar.isOwn(subject, secret)) {
        pairs.stale(pair);
        return false;
      }
      const fresh = pairs.wrong(pair, secret);
      if (known(network.key)) return false;
      if (fresh) countPair(pair);
      countSubject(subject, version, secret);
      if (!known(network.shared)) spray.wrong(subject, network, plain);
      return fresh;
    },
    right(accountId, network, secret, how) {
      const visit = familiar.visited(accountId, network.key);
      if (network.shared !== undefined) familiar.visited(accountId, network.shared);
      if (visit === 'lately' && how === 'held') return false;
      const before = familiar.generation;
      if (secret !== undefined) familiar.wasRight(accountId, secret, how === 'checked');
      if (visit !== 'new') return visit === 'known' || familiar.generation !== before;
      spray.joined(network);
      const cleared = pairs.clear(accountId, network);
      if (cleared !== undefined) {
        ceilingOf(accountId).takeBack(accountId, cleared);
        held.end(pairKey(accountId, network), 'success');
      }
      return true;
    },
  };
}
