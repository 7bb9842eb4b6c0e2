/**
 * What is remembered of an account between requests: which ids were given to what was moved or renamed through us, what
 * states were given out, and lists that queries found.
 *
 * Invariants: all of it is bounded, and may be lost: an id is then not found and a state's changes cannot be calculated,
 * never is anything said that is not so.
 */
import { randomBytes } from 'node:crypto';
import { createOwnChanges, type OwnChanges } from './own-changes.ts';
import { createRecent, type Recent } from './recent.ts';
import { createRows, type Rows } from './rows.ts';

/** One message at a platform. `box` is the id of its mailbox. */
export type Location = { readonly box: string; readonly uidValidity: number; readonly uid: number };

export type MailMemory = {
  readonly aliases: Aliases;
  /** Ids that mailboxes keep although they have other names now: path → id. */
  readonly mailboxIds: Map<string, string>;
  /** Ids that mailboxes had before, here or at the former home, by the platform's names of them now. Whoever keeps them bounds them. */
  readonly mailboxNames: Map<string, { readonly id: string; readonly object: string | null }>;
  /** What a state stood for. */
  readonly states: Recent<unknown>;
  /** The lists that queries found, by query state. */
  readonly lists: Recent<KnownList>;
  /** What lists showed of messages. */
  readonly rows: Rows;
  /** By mailbox and root of a thread: its emails of UIDs below `uidNext`, and perhaps some that went. */
  readonly threads: Recent<{ readonly uidNext: number; readonly uids: readonly number[] }>;
  /** What was sent lately, by its id. */
  readonly submissions: Map<string, unknown>;
  /** Changes made through us, for platforms that do not count changes themselves. */
  readonly writes: { count: number; /** Under way. */ open: number; readonly token: string };
  readonly ownChanges: OwnChanges;
  /** Bytes of what may be large, about: lists, aliases, threads. Asked with each request of each account, so nothing is added up. */
  weight(): number;
};

/** Messages by mailbox and UID, in their order. */
export type KnownList = {
  readonly boxes: readonly { readonly id: string; readonly uidValidity: number }[];
  readonly places: { readonly box: Uint16Array; readonly uid: Uint32Array };
};

export type Aliases = {
  /** The id that was given to what is there now. */
  idAt(location: Location): string | undefined;
  locationOf(id: string): Location | undefined;
  moved(id: string, to: Location): void;
  size(): number;
};

/** In two maps, with their texts. */
const ALIAS_BYTES = 150;
/** A customer who tidies up moves some thousands; older ids are then those of new messages. */
export const ALIAS_LIMIT = 20_000;
/** Mailboxes renamed since the memory was made. */
const RENAMED_LIMIT = 1_000;
/** Messages that were sent: what a client may ask about a moment later, 500 bytes each. */
const SUBMISSION_LIMIT = 200;
/** Clients ask for changes since the last state or the one before; several may be signed in. */
const STATE_LIMIT = 64;
/** Of up to 100,000 messages with 6 bytes each: a client scrolls one or two, and searches some. */
const LIST_LIMIT = 12;

/** A screen of conversations in forty mailboxes, or twenty that were opened in each. */
const THREAD_LIMIT = 1_000;
/** Without its UIDs. */
const THREAD_BYTES = 200;

export function createMailMemory(): MailMemory {
  const aliases = createAliases();
  const lists = createRecent<KnownList>(LIST_LIMIT, ({ places }) => places.box.buffer.byteLength + places.uid.buffer.byteLength);
  const threads: MailMemory['threads'] = createRecent(THREAD_LIMIT, ({ uids }) => THREAD_BYTES + uids.length * 8);
  return {
    aliases,
    mailboxIds: boundedMap(RENAMED_LIMIT),
    mailboxNames: new Map(),
    submissions: boundedMap(SUBMISSION_LIMIT),
    states: createRecent(STATE_LIMIT),
    lists,
    rows: createRows(),
    ownChanges: createOwnChanges(),
    writes: { count: 0, open: 0, token: randomBytes(6).toString('base64url') },
    threads,
    weight: () => aliases.size() * ALIAS_BYTES + lists.bytes() + threads.bytes(),
  };
}

export function createAliases(): Aliases {
  const locations = new Map<string, Location>();
  const ids = new Map<string, string>();
  const keyOf = ({ box, uidValidity, uid }: Location): string => `${box}/${uidValidity}/${uid}`;
  return {
    idAt: (location) => ids.get(keyOf(location)),
    locationOf: (id) => locations.get(id),
    size: () => locations.size,
    moved(id, to) {
      const before = locations.get(id);
      if (before !== undefined) ids.delete(keyOf(before));
      locations.delete(id);
      locations.set(id, to);
      ids.set(keyOf(to), id);
      const [oldest] = locations;
      if (locations.size <= ALIAS_LIMIT || oldest === undefined) return;
      locations.delete(oldest[0]);
      ids.delete(keyOf(oldest[1]));
    },
  };
}

function boundedMap<T>(limit: number): Map<string, T> {
  const map = new Map<string, T>();
  const set = map.set.bind(map);
  map.set = (key, value) => {
    map.delete(key);
    set(key, value);
    const [oldest] = map.keys();
    if (map.size > limit && oldest !== undefined) map.delete(oldest);
    return map;
  };
  return map;
}
