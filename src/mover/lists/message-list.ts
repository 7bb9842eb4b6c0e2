/**
 * What a mailbox holds, as columns: some 26 bytes a message, so that two lists of 100,000 fit beside what is being copied.
 *
 * Invariants: rows are in the order of their UIDs, each UID once; a row is made an object only for whoever asks for it.
 */
import { CausewayError } from '#errors/index.ts';
import { formatInternalDate, parseInternalDate } from '#wire/imap/date.ts';
import type { MessageNews } from '#imap/commands/fetch-meta.ts';
import type { Aside } from './aside.ts';
import { finalFailure } from '../failure.ts';
import { NOT_TOLD } from './flag-sets.ts';
import type { FlagSets } from './flag-sets.ts';
import type { Listed } from '../ledger/ledger-row.ts';
import { columnsOf, folded, parted, UNTOLD_SIZE } from './message-columns.ts';
import type { Columns } from './message-columns.ts';

/** Rows that become objects one after the other, each time they are asked for. */
export type Picked<T> = Iterable<T> & { readonly length: number };

/** Some messages of a list, in the order of their UIDs. */
export type Messages = Picked<Listed> & {
  /** The sum of their sizes. */
  readonly bytes: number;
  filter(test: (uid: number, internalDate: number) => boolean): Messages;
};

export type MessageList = Messages & {
  readonly uids: Uint32Array;
  /** Seconds since the epoch. */
  readonly dates: Float64Array;
  /** Minutes east of UTC. */
  readonly zones: Int16Array;
  readonly sizes: Float64Array;
  /** Numbers of the list's `FlagSets`. */
  readonly flags: Uint16Array;
  at(row: number): Listed;
  /** What the server has, and what is not in the list. */
  readonly aside: readonly Aside[];
  /** @param rows rising */
  pick(rows: Uint32Array): Messages;
  /** Each set of flags that a message has, once. */
  usedFlags(): Iterable<readonly string[]>;
};

export function pick<T>(rows: Iterable<number> & { readonly length: number }, at: (row: number) => T): Picked<T> {
  return {
    length: rows.length,
    *[Symbol.iterator]() {
      for (const row of rows) yield at(row);
    },
  };
}

/** Rows of a list, rising: as numbers side by side, since an array of 100,000 is a megabyte of V8's heap. */
export function rowsWhere(length: number, test: (row: number) => boolean): Uint32Array {
  const rows = new Uint32Array(length);
  let found = 0;
  for (let row = 0; row < length; row += 1) if (test(row)) rows[found++] = row;
  return rows.subarray(0, found);
}

export type Listing = {
  /** What a server tells, as it comes: of one message in one piece or in several, the later is the truer. */
  add(news: MessageNews): void;
  /** A message that is known whole. @param flags of these `FlagSets` */
  put(uid: number, date: number, zone: number, size: number, flags: number): void;
  /**
   * @param apart UIDs that are set aside @param onUndated absent: a message without a date is the final failure `date`;
   * else it is told, and set aside
   */
  list(apart?: ReadonlySet<number>, onUndated?: (message: Aside) => void): MessageList;
};

/** @param mailbox for messages @param expected how many, as far as that is known */
export function createListing(sets: FlagSets, mailbox: string, expected: number): Listing {
  let told = columnsOf(expected);
  let length = 0;
  let failure: { readonly error: unknown } | undefined;
  /** Many messages come with one and the same array. */
  const numbers = new WeakMap<readonly string[], number>();

  function numberOf(flags: readonly string[]): number {
    const known = numbers.get(flags);
    if (known !== undefined) return known;
    const number = sets.numberOf(flags.filter(isOwn));
    numbers.set(flags, number);
    return number;
  }

  function grow(): void {
    const larger = columnsOf(Math.max(64, length * 2));
    for (const name of ['uids', 'dates', 'zones', 'sizes', 'flags'] as const) larger[name].set(told[name]);
    told = larger;
  }

  const list: Listing['list'] = (apart = NONE, onUndated) => {
    if (failure !== undefined) throw failure.error;
    const { columns, aside } = parted(folded(told, length), apart);
    const undated = columns.dates.findIndex(Number.isNaN);
    if (undated < 0) return listOf(columns, aside, sets);
    if (onUndated === undefined) throw undatedFailure(mailbox, columns.uids[undated]!);
    const without = new Set(apart);
    for (const [row, date] of columns.dates.entries()) {
      if (!Number.isNaN(date)) continue;
      onUndated({ uid: columns.uids[row]!, size: columns.sizes[row]! });
      without.add(columns.uids[row]!);
    }
    return list(without);
  };

  return {
    list,
    add({ uid, flags, internalDate, size }) {
      if (length === told.uids.length) grow();
      told.uids[length] = uid;
      told.sizes[length] = size ?? UNTOLD_SIZE;
      told.flags[length] = NOT_TOLD;
      told.dates[length] = NaN;
      try {
        if (flags !== undefined) told.flags[length] = numberOf(flags);
      } catch (error) {
        // Told when the list is asked for: the connection is well.
        failure ??= { error };
      }
      const date = internalDate === undefined ? undefined : dateOf(internalDate);
      if (date !== undefined) {
        told.dates[length] = Math.floor(date.epochMs / 1000);
        told.zones[length] = date.offsetMinutes;
      }
      length += 1;
    },
    put(uid, date, zone, size, flags) {
      if (length === told.uids.length) grow();
      told.uids[length] = uid;
      told.dates[length] = date;
      told.zones[length] = zone;
      told.sizes[length] = size;
      told.flags[length] = flags;
      length += 1;
    },
  };
}

const NONE: ReadonlySet<number> = new Set();

export const undatedFailure = (mailbox: string, uid: number): Error => finalFailure('date', `message ${uid} of "${mailbox}" has no valid internal date`);

/** RFC 3501 2.3.2: `\Recent` is a session's own. */
export const isOwn = (flag: string): boolean => flag.length !== 7 || flag.toLowerCase() !== '\\recent';

function dateOf(text: string): ReturnType<typeof parseInternalDate> | undefined {
  try {
    return parseInternalDate(text);
  } catch (error) {
    if (error instanceof CausewayError) return undefined;
    throw error;
  }
}

function listOf({ uids, dates, zones, sizes, flags }: Columns, aside: MessageList['aside'], sets: FlagSets): MessageList {
  const at = (row: number): Listed => ({
    uid: uids[row]!,
    flags: sets.flagsOf(flags[row]!),
    internalDate: dates[row]!,
    internalDateText: formatInternalDate(dates[row]! * 1_000, zones[row]!),
    size: sizes[row]!,
  });
  const some = (rows: Uint32Array): Messages => ({
    ...pick(rows, at),
    bytes: rows.reduce((bytes, row) => bytes + sizes[row]!, 0),
    filter: (test) => some(rows.filter((row) => test(uids[row]!, dates[row]!))),
  });
  return {
    uids,
    dates,
    zones,
    sizes,
    flags,
    aside,
    at,
    pick: some,
    length: uids.length,
    bytes: sizes.reduce((bytes, size) => bytes + size, 0),
    filter: (test) => some(rowsWhere(uids.length, (row) => test(uids[row]!, dates[row]!))),
    *[Symbol.iterator]() {
      for (let row = 0; row < uids.length; row += 1) yield at(row);
    },
    *usedFlags() {
      for (const number of new Set(flags)) yield sets.flagsOf(number);
    },
  };
}
