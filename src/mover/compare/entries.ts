/**
 * What is kept of a mailbox's messages while it is compared: 52 bytes each, so that a mailbox of a million fits.
 *
 * Invariant: entries of two tables with the same `words` have equal flags exactly when their flag numbers are equal.
 */
import { createHash } from 'node:crypto';
import { flagsKey } from '../ledger/ledger-row.ts';

/** Numbers for sets of flags. A mailbox has some dozens of them; a server that makes one up for each message costs memory, no truth. */
export type Words = { number(flags: readonly string[]): number; text(number: number): string };

export function createWords(): Words {
  const numbers = new Map<string, number>();
  const texts: string[] = [];
  return {
    number(flags) {
      const key = flagsKey(flags);
      let number = numbers.get(key);
      if (number === undefined) {
        number = texts.push(key) - 1;
        numbers.set(key, number);
      }
      return number;
    },
    text: (number) => texts[number] ?? '',
  };
}

export type Entry = {
  readonly uid: number;
  /** Seconds since the epoch; undefined where the server gives none that can be read: all such are alike. */
  readonly internalDate: number | undefined;
  /** Without `\Recent`. */
  readonly flags: readonly string[];
  /** SHA-256. */
  readonly fingerprint: Buffer;
  readonly size: number;
};

export type Entries = {
  readonly length: number;
  readonly bytes: number;
  add(entry: Entry): void;
  uid(index: number): number;
  /** As in `Entry`, with -Infinity for none. */
  date(index: number): number;
  flags(index: number): number;
  fingerprint(index: number): Buffer;
  /** All indexes, by fingerprint, date, flags and UID. */
  sorted(): Uint32Array;
  /** As `Side.digest` of a receipt. */
  digest(): string;
};

const PRINT = 32;

export function createEntries(words: Words): Entries {
  let room = 1_024;
  let uids = new Uint32Array(room);
  let dates = new Float64Array(room);
  let flags = new Uint32Array(room);
  let prints = Buffer.alloc(room * PRINT);
  let length = 0;
  let bytes = 0;

  function grow(): void {
    room *= 2;
    const [formerUids, formerDates, formerFlags, formerPrints] = [uids, dates, flags, prints];
    uids = new Uint32Array(room);
    uids.set(formerUids);
    dates = new Float64Array(room);
    dates.set(formerDates);
    flags = new Uint32Array(room);
    flags.set(formerFlags);
    prints = Buffer.alloc(room * PRINT);
    prints.set(formerPrints);
  }

  const entries: Entries = {
    get length() {
      return length;
    },
    get bytes() {
      return bytes;
    },
    add(entry) {
      if (length === room) grow();
      uids[length] = entry.uid;
      dates[length] = entry.internalDate ?? Number.NEGATIVE_INFINITY;
      flags[length] = words.number(entry.flags);
      entry.fingerprint.copy(prints, length * PRINT, 0, PRINT);
      length += 1;
      bytes += entry.size;
    },
    uid: (index) => uids[index]!,
    date: (index) => dates[index]!,
    flags: (index) => flags[index]!,
    fingerprint: (index) => prints.subarray(index * PRINT, (index + 1) * PRINT),
    sorted() {
      const order = Uint32Array.from({ length }, (_, index) => index);
      return order.sort((a, b) => compareKeys(entries, a, entries, b) || uids[a]! - uids[b]!);
    },
    digest() {
      const hash = createHash('sha256');
      for (const index of entries.sorted()) hash.update(entries.fingerprint(index));
      return hash.digest('hex');
    },
  };
  return entries;
}

/** By fingerprint, date and flags. */
export function compareKeys(a: Entries, i: number, b: Entries, j: number): number {
  return Buffer.compare(a.fingerprint(i), b.fingerprint(j)) || compareNumbers(a.date(i), b.date(j)) || a.flags(i) - b.flags(j);
}

/** A difference would be NaN of two that are infinite. */
export function compareNumbers(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
