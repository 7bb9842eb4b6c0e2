/**
 * Ids of an account's emails from before: of its former homes, by the mover's ledger, and of moves between mailboxes, by a
 * table that all instances share.
 *
 * Invariants: a message has the id under which clients first saw it, at whichever home that was; ids that they hold lead to
 * where the message is now. Nobody waits long for the store: while it is away messages are shown by their places, and an id
 * whose place cannot be known is `unavailable`, never not found. What could not be written is tried again. An account that
 * was never moved costs one small question every few seconds.
 */
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { cameFrom, readTrips, wentTo } from '#mover/ledger/carried.ts';
import type { Store } from '#store/index.ts';
import type { Past } from '../mail-access.ts';
import { nativeId } from '../mail/email-id.ts';
import { type Aliases, createAliases, type Location, type MailMemory } from '../mail/memory.ts';
import { type Homes, homesOf, lifeKey } from './homes.ts';
import { keepEmails, keepMailboxes, lastChange, type Kept, readEmails, readStoredMailboxes } from './rows.ts';

/** Another instance's changes are seen so late; a client's requests mostly come to one. */
const REFRESH_MS = 5_000;
/** A page waits for the store no longer than for anything else that it can do without. */
const STORE_MS = 1_500;
/** Changes of which another's transaction may still be under way when a later one's is seen. */
const OVERLAP = 100;

export function createPast({ store, clock, accountId, home, memory }: { store: Store; clock: Clock; accountId: number; home: string; memory: MailMemory }): Past {
  let homes: Homes | undefined;
  let seen = { move: -1, seq: -1 };
  let asked = -Infinity;
  let under: Promise<void> | undefined;
  const atHomes = new Map<string, Aliases>([[home, memory.aliases]]);
  const unsaved = new Map<string, Kept>();

  function aliasesAt(platform: string): Aliases {
    const known = atHomes.get(platform) ?? createAliases();
    atHomes.set(platform, known);
    return known;
  }

  async function read(): Promise<void> {
    if (unsaved.size > 0) await save();
    const now = await lastChange(store, accountId);
    if (homes !== undefined && now.move === seen.move && now.seq === seen.seq) return;
    const [trips, stored, emails] = await Promise.all([readTrips(store, accountId), readStoredMailboxes(store, accountId), readEmails(store, accountId, seen.seq - OVERLAP)]);
    for (const { id, home: at, location } of emails) aliasesAt(at).moved(id, location);
    homes = homesOf(home, trips, stored);
    memory.mailboxNames.clear();
    for (const [name, known] of homes.names) memory.mailboxNames.set(name, known);
    seen = now;
  }

  async function save(): Promise<void> {
    const rows = [...unsaved.values()];
    await keepEmails(store, accountId, rows);
    for (const row of rows) if (unsaved.get(row.id) === row) unsaved.delete(row.id);
  }

  /** Resolves to undefined when the store is away, or too slow. */
  async function inTime<T>(work: Promise<T>): Promise<T | undefined> {
    const late = Promise.withResolvers<undefined>();
    const end = clock.after(STORE_MS, () => late.resolve(undefined));
    try {
      return await Promise.race([work, late.promise]);
    } catch {
      return undefined;
    } finally {
      end();
    }
  }

  /** One passage for many: the pairs' mailboxes, each asked once. */
  async function across(places: readonly Location[], pairOf: (place: Location) => Parameters<typeof wentTo>[2] | undefined, ask: (pair: Parameters<typeof wentTo>[2], uids: number[]) => Promise<Map<number, number>>): Promise<((place: Location) => number | undefined)> {
    const byPair = new Map<Parameters<typeof wentTo>[2], number[]>();
    for (const place of places) {
      const pair = pairOf(place);
      if (pair !== undefined) byPair.set(pair, [...(byPair.get(pair) ?? []), place.uid]);
    }
    const found = new Map(await Promise.all([...byPair].map(async ([pair, uids]) => [pair, await ask(pair, uids)] as const)));
    return (place) => found.get(pairOf(place)!)?.get(place.uid);
  }

  function movedAtFormerHome(id: string): [home: string | undefined, location: Location | undefined] {
    for (const [at, aliases] of atHomes) {
      const moved = at === home ? undefined : aliases.locationOf(id);
      if (moved !== undefined) return [at, moved];
    }
    return [undefined, undefined];
  }

  async function firstSeen(locations: readonly Location[]): Promise<(string | undefined)[]> {
    const { passages } = homes!;
    const ids: (string | undefined)[] = locations.map(() => undefined);
    let open = locations.map((place, index) => ({ index, place }));
    for (const { trip, byTarget } of passages.toReversed()) {
      const pairOf = ({ box, uidValidity }: Location) => byTarget.get(lifeKey(box, uidValidity));
      const was = await across(open.map(({ place }) => place), pairOf, (pair, uids) => cameFrom(store, trip, pair, uids));
      const further: typeof open = [];
      for (const { index, place } of open) {
        const uid = was(place);
        if (uid === undefined) continue;
        const before = { box: place.box, uidValidity: pairOf(place)!.sourceUidValidity, uid };
        const alias = aliasesAt(trip.source).idAt(before);
        ids[index] = alias ?? nativeId(before);
        if (alias === undefined) further.push({ index, place: before });
      }
      open = further;
    }
    return ids;
  }

  /** @param starts ids with their places at some former home: as an alias of it, or wherever the place can have been */
  async function whereNow(starts: readonly { readonly id: string; readonly place: Location; readonly home: string | undefined }[]): Promise<Map<string, Location>> {
    const { passages } = homes!;
    const found = new Map<string, Location>();
    // From each home on, the latest first: what leads to the present home is where the message is.
    for (let from = passages.length - 1; from >= 0; from -= 1) {
      let open = starts.filter(({ id, home: at }) => !found.has(id) && (at === undefined || at === passages[from]!.trip.source)).map(({ id, place }) => ({ id, place }));
      for (const { trip, bySource } of passages.slice(from)) {
        const pairOf = ({ box, uidValidity }: Location) => bySource.get(lifeKey(box, uidValidity));
        const is = await across(open.map(({ place }) => place), pairOf, (pair, uids) => wentTo(store, trip, pair, uids));
        open = open.flatMap(({ id, place }) => {
          const uid = is(place);
          return uid === undefined ? [] : [{ id, place: { box: place.box, uidValidity: pairOf(place)!.targetUidValidity, uid } }];
        });
      }
      for (const { id, place } of open) found.set(id, place);
    }
    return found;
  }

  return {
    async refresh() {
      if (clock.monotonic() - asked >= REFRESH_MS) {
        asked = clock.monotonic();
        under ??= read().finally(() => (under = undefined));
        await inTime(under);
      } else if (homes === undefined && under !== undefined) {
        await inTime(under);
      }
    },
    async idsAt(locations) {
      if (homes === undefined || homes.passages.length === 0) return locations.map(() => undefined);
      return (await inTime(firstSeen(locations))) ?? locations.map(() => undefined);
    },
    async locationsOf(named) {
      const found = new Map<string, Location>();
      const starts: { id: string; place: Location; home: string | undefined }[] = [];
      for (const { id, place, isHere } of named) {
        const [at, moved] = movedAtFormerHome(id);
        // Where it lay when its id was given, it lies no more once it was moved; unless nobody carried it.
        if (isHere) found.set(id, place);
        if (moved !== undefined) starts.push({ id, place: moved, home: at });
        else if (!isHere) starts.push({ id, place, home: undefined });
      }
      if (starts.length === 0 || homes?.passages.length === 0) return found;
      const now = homes === undefined ? undefined : await inTime(whereNow(starts));
      if (now === undefined) throw new CausewayError('unavailable', 'where an email went with its account cannot be looked up now');
      for (const [id, location] of now) found.set(id, location);
      return found;
    },
    async keep(moved) {
      for (const { id, to } of moved) unsaved.set(id, { id, home, location: to });
      await inTime(save());
    },
    async noteMailboxes(boxes) {
      // What is not known yet is not written over.
      if (homes === undefined) return;
      const now = boxes.filter(({ counts }) => counts !== undefined).map(({ fullName, object, id }) => ({ mailbox: fullName, object: object ?? null, id }));
      const same = now.length === memory.mailboxNames.size && now.every(({ mailbox, object, id }) => memory.mailboxNames.get(mailbox)?.id === id && memory.mailboxNames.get(mailbox)?.object === object);
      if (same) return;
      await inTime(
        keepMailboxes(store, accountId, home, now).then(() => {
          memory.mailboxNames.clear();
          for (const { mailbox, id, object } of now) memory.mailboxNames.set(mailbox, { id, object });
        }),
      );
    },
  };
}
