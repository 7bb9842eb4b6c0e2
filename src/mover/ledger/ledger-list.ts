/**
 * The ledger of a pair of mailboxes as columns: some 70 bytes a row.
 *
 * Invariants: rows are in the order of their source UIDs; `byTarget` names them in the order of their target UIDs, which
 * are mostly the same.
 */
import { CausewayError } from '#errors/index.ts';
import { formatInternalDate } from '#wire/imap/date.ts';
import type { FlagSets } from '../lists/flag-sets.ts';
import type { LedgerRow } from './ledger-row.ts';
import { pick } from '../lists/message-list.ts';
import type { Picked } from '../lists/message-list.ts';

/** Bytes of a SHA-256. */
export const PRINT = 32;

export type LedgerList = Iterable<LedgerRow> & {
  readonly length: number;
  readonly sourceUids: Uint32Array;
  readonly targetUids: Uint32Array;
  /** Seconds since the epoch. */
  readonly dates: Float64Array;
  /** Minutes east of UTC. */
  readonly zones: Int16Array;
  /** Numbers of the list's `FlagSets`. */
  readonly flags: Uint16Array;
  /** Of literals, which are below 4 GiB (RFC 3501 section 9). */
  readonly sizes: Uint32Array;
  /** -1: not known. */
  readonly targetSizes: Float64Array;
  readonly readBack: Uint8Array;
  /** `PRINT` bytes a row. */
  readonly fingerprints: Buffer;
  readonly byTarget: Uint32Array;
  at(row: number): LedgerRow;
  pick(rows: readonly number[]): Picked<LedgerRow>;
};

/** As it is read; `zone` as `+0100`. */
type Read = Omit<LedgerRow, 'internalDateText'> & { readonly zone: string };

/** Where what is in a packed row, in bytes: numbers of 64 bits, big-endian, as PostgreSQL sends them. */
const PACKED = { sourceUid: 0, targetUid: 8, date: 16, size: 24, targetSize: 32, readBack: 40, fingerprint: 41, length: 41 + PRINT };

export type LedgerListing = {
  /** In the order of source UIDs. */
  add(row: Read): void;
  /** Rows after one another, and of each a line with its zone and its flags. @throws CausewayError `internal` on what are not as many */
  addPacked(rows: Buffer, lines: string): void;
  list(): LedgerList;
};

type Columns = Pick<LedgerList, 'sourceUids' | 'targetUids' | 'dates' | 'zones' | 'flags' | 'sizes' | 'targetSizes' | 'readBack' | 'fingerprints'>;

function columnsOf(length: number): Columns {
  return {
    sourceUids: new Uint32Array(length),
    targetUids: new Uint32Array(length),
    dates: new Float64Array(length),
    sizes: new Uint32Array(length),
    targetSizes: new Float64Array(length),
    flags: new Uint16Array(length),
    zones: new Int16Array(length),
    readBack: new Uint8Array(length),
    fingerprints: Buffer.alloc(length * PRINT),
  };
}

/** @param expected how many rows, as far as that is known */
export function createLedgerListing(sets: FlagSets, expected: number): LedgerListing {
  let columns = columnsOf(expected);
  let length = 0;

  function grow(): void {
    const larger = columnsOf(Math.max(64, length * 2));
    for (const name of Object.keys(larger) as (keyof Columns)[]) larger[name].set(columns[name]);
    columns = larger;
  }

  /** Few different ones. */
  const words = new Map<string, { readonly zone: number; readonly flags: number }>();
  function wordsOf(line: string): { readonly zone: number; readonly flags: number } {
    const known = words.get(line);
    if (known !== undefined) return known;
    const [zone = '', ...flags] = line.trimEnd().split(' ');
    const read = { zone: minutesOf(zone), flags: sets.numberOf(flags) };
    words.set(line, read);
    return read;
  }

  return {
    add({ sourceUid, targetUid, fingerprint, internalDate, zone, flags, size, targetSize, readBack }) {
      if (length === columns.sourceUids.length) grow();
      columns.sourceUids[length] = sourceUid;
      columns.targetUids[length] = targetUid;
      columns.dates[length] = internalDate;
      columns.zones[length] = minutesOf(zone);
      columns.flags[length] = sets.numberOf(flags);
      columns.sizes[length] = size;
      columns.targetSizes[length] = targetSize ?? -1;
      columns.readBack[length] = Number(readBack);
      columns.fingerprints.set(fingerprint, length * PRINT);
      length += 1;
    },
    addPacked(rows, text) {
      const lines = text.split('\n');
      if (rows.length !== lines.length * PACKED.length) throw new CausewayError('internal', `${rows.length} bytes are not ${lines.length} rows of the ledger`);
      for (const [at, line] of lines.entries()) {
        if (length === columns.sourceUids.length) grow();
        const row = at * PACKED.length;
        const { zone, flags } = wordsOf(line);
        columns.sourceUids[length] = numberAt(rows, row + PACKED.sourceUid);
        columns.targetUids[length] = numberAt(rows, row + PACKED.targetUid);
        columns.dates[length] = numberAt(rows, row + PACKED.date);
        columns.zones[length] = zone;
        columns.flags[length] = flags;
        columns.sizes[length] = numberAt(rows, row + PACKED.size);
        columns.targetSizes[length] = numberAt(rows, row + PACKED.targetSize);
        columns.readBack[length] = rows[row + PACKED.readBack]!;
        rows.copy(columns.fingerprints, length * PRINT, row + PACKED.fingerprint, row + PACKED.length);
        length += 1;
      }
    },
    list: () => listOf(columns, length, sets),
  };
}

const numberAt = (bytes: Buffer, at: number): number => bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);

function minutesOf(zone: string): number {
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3));
  return zone.startsWith('-') ? -minutes : minutes;
}

function listOf(columns: Columns, length: number, sets: FlagSets): LedgerList {
  const { sourceUids, targetUids, dates, zones, flags, sizes, targetSizes, readBack, fingerprints } = columns;
  const at = (row: number): LedgerRow => ({
    sourceUid: sourceUids[row]!,
    targetUid: targetUids[row]!,
    fingerprint: fingerprints.subarray(row * PRINT, (row + 1) * PRINT),
    internalDate: dates[row]!,
    internalDateText: formatInternalDate(dates[row]! * 1_000, zones[row]),
    flags: sets.flagsOf(flags[row]!),
    size: sizes[row]!,
    targetSize: targetSizes[row]! < 0 ? null : targetSizes[row]!,
    readBack: readBack[row] === 1,
  });
  const rows = new Uint32Array(length).map((_, row) => row);
  const byTarget = rows.every((row) => row === 0 || targetUids[row]! > targetUids[row - 1]!) ? rows : rows.toSorted((a, b) => targetUids[a]! - targetUids[b]!);
  return {
    sourceUids,
    targetUids,
    dates,
    zones,
    flags,
    sizes,
    targetSizes,
    readBack,
    fingerprints,
    length,
    byTarget,
    at,
    pick: (some) => pick(some, at),
    *[Symbol.iterator]() {
      for (const row of rows) yield at(row);
    },
  };
}
