/**
 * In a hold: which pairs of mailboxes stand as they should. Many are read at once, their commands on the way one behind
 * the other, so that a hold does not grow by two round trips with each mailbox.
 *
 * Invariants: it only reads. A pair is proven here by what both sides list after the cut, whole, and only when there was
 * nothing to do; everything else (another life, a difference, a refusal) is left to a pass, which tells what is wrong.
 */
import type { LedgersAhead } from '../ledger/ledgers-ahead.ts';
import { readLists } from '../lists/lists.ts';
import type { Read } from '../lists/lists.ts';
import { eachPair, knownPlace, openPair } from '../mailboxes/open-pair.ts';
import type { Pair } from '../mailboxes/pairs.ts';
import { proofOf } from './verify.ts';
import type { Proof } from './verify.ts';
import type { Visit } from '../visit.ts';

/** How many a mailbox will list is not known before its SELECT is answered: some more than the ledger has, and never none. */
const MORE = 100;

export type Ahead = {
  readonly proven: Map<Pair, Proof>;
  /** Of those that are not: what was read, where both sides could be. */
  readonly read: ReadonlyMap<Pair, Read>;
};

export async function proveAhead(visit: Visit, pairs: readonly Pair[], ledgers: LedgersAhead): Promise<Ahead> {
  const proven = new Map<Pair, Proof>();
  const read = new Map<Pair, Read>();
  await eachPair(pairs, async (pair) => {
    const found = await readPair(visit, pair, ledgers);
    const proof = proofOf(visit, pair, found);
    if (proof !== undefined) proven.set(pair, proof);
    else if (found !== undefined) read.set(pair, found);
  });
  return { proven, read };
}

async function readPair(visit: Visit, pair: Pair, ledgers: LedgersAhead): Promise<Read | undefined> {
  const place = knownPlace(visit, pair);
  if (place === undefined) return undefined;
  const known = ledgers.take(place);
  const likely = { exists: (known?.rows ?? 0) + MORE };
  // In one turn: nothing may come between a side's SELECT and its FETCH.
  const [opening, reading] = await Promise.allSettled([openPair(visit, pair), readLists(visit, place, { source: likely, target: likely }, known)]);
  if (opening.status === 'rejected' || reading.status === 'rejected') return undefined;
  const [opened, lists] = [opening.value, reading.value];
  return opened.source.uidValidity === place.sourceUidValidity && opened.target.uidValidity === place.targetUidValidity ? { opened, lists } : undefined;
}
