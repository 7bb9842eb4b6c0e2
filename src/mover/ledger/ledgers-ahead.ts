/**
 * What the ledger says of an account's mailboxes, read while its sessions are being stopped: half of the work of a hold's
 * comparison needs neither platform.
 *
 * Invariant: the ledger is written under the move's claim alone, and from the beginning of a hold to its comparison the
 * claim's owner writes nothing to it but the rows of mailboxes that are gone, so what was read then is what it says.
 */
import { createFlagSets } from '../lists/flag-sets.ts';
import { readLedger } from './ledger.ts';
import type { Place } from './ledger.ts';
import type { Known } from '../lists/lists.ts';
import type { Pair } from '../mailboxes/pairs.ts';
import { knownPlace } from '../mailboxes/open-pair.ts';
import type { Visit } from '../visit.ts';

export type LedgersAhead = {
  /** Once. @returns undefined where it was not begun: from now on nothing is */
  take(place: Place): Known | undefined;
  stop(): void;
};

/** Some 14 MB: what is beyond is read mailbox by mailbox, as it is compared. */
const MOST_ROWS = 200_000;

/** @param pairs as the last pass saw them */
export function readLedgersAhead(visit: Visit, pairs: readonly Pair[]): LedgersAhead {
  const begun = new Map<string, Known>();
  let stopped = false;
  const work = async (): Promise<void> => {
    let rows = 0;
    for (const pair of pairs) {
      const place = knownPlace(visit, pair);
      if (place === undefined) continue;
      if (stopped || rows > MOST_ROWS) return;
      const sets = createFlagSets();
      const ledger = readLedger(visit.store, place, sets);
      const known: Known = { sets, ledger };
      begun.set(keyOf(place), known);
      const { length } = await ledger;
      if (begun.get(keyOf(place)) === known) begun.set(keyOf(place), { ...known, rows: length });
      rows += length;
    }
  };
  // Whoever takes it hears of it.
  work().catch(() => {});
  return {
    take(place) {
      stopped = true;
      const key = keyOf(place);
      const known = begun.get(key);
      begun.delete(key);
      return known;
    },
    stop: () => void (stopped = true),
  };
}

const keyOf = (place: Place): string => JSON.stringify([place.mailbox, place.sourceUidValidity, place.targetMailbox, place.targetUidValidity]);
