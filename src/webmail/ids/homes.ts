/**
 * The homes that an account has had, one after the other, and which ids its mailboxes had at each. Pure.
 *
 * Invariants: a mailbox keeps its id when the account is moved, whatever it is called at the new home. An id that clients
 * could not know at a home, since they did not come while the account lived there, is none there.
 */
import type { Trip, TripPair } from '#mover/ledger/carried.ts';

/** Of a mailbox at a home. `object`: the platform's own id for it; null: it has none, or nobody has seen it there yet. */
export type NamedId = { readonly id: string; readonly object: string | null };

export type StoredMailbox = NamedId & { readonly home: string; readonly mailbox: string; readonly since: Date };

/** By `id/UIDVALIDITY`, which at a home names one mailbox's life. */
export type Passage = { readonly trip: Trip; readonly bySource: ReadonlyMap<string, TripPair>; readonly byTarget: ReadonlyMap<string, TripPair> };

export const lifeKey = (id: string, uidValidity: number): string => `${id}/${uidValidity}`;

export type Homes = {
  /** Passage n leads from the home n to the home n + 1; the last one to the present home. */
  readonly passages: readonly Passage[];
  /** The ids at the present home, by the platform's names. */
  readonly names: ReadonlyMap<string, NamedId>;
};

export function homesOf(home: string, trips: readonly Trip[], stored: readonly StoredMailbox[]): Homes {
  // What came before a break, where an account was carried by other means, leads nowhere.
  let first = trips.length;
  for (let at = home; first > 0 && trips[first - 1]!.target === at; at = trips[first]!.source) first -= 1;
  const way = trips.slice(first);
  const at = (platform: string, until: number): [string, NamedId][] =>
    stored.flatMap((row): [string, NamedId][] => (row.home === platform && row.since.getTime() <= until ? [[row.mailbox, { id: row.id, object: row.object }]] : []));
  const endOf = (index: number): number => way[index]?.endedAt.getTime() ?? Infinity;
  let names = new Map(at(way[0]?.source ?? home, endOf(0)));
  const passages: Passage[] = [];
  for (const [index, trip] of way.entries()) {
    const bySource = new Map<string, TripPair>();
    const byTarget = new Map<string, TripPair>();
    const carried: [string, NamedId][] = [];
    for (const pair of trip.pairs) {
      const known = names.get(pair.sourceMailbox);
      if (known === undefined) continue;
      bySource.set(lifeKey(known.id, pair.sourceUidValidity), pair);
      byTarget.set(lifeKey(known.id, pair.targetUidValidity), pair);
      carried.push([pair.targetMailbox, { id: known.id, object: null }]);
    }
    passages.push({ trip, bySource, byTarget });
    names = new Map([...carried, ...at(trip.target, endOf(index + 1))]);
  }
  return { passages, names };
}
