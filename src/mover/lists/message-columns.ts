/**
 * What a server tells of messages, column by column, and how a list is made of it.
 *
 * Invariant: in a list rows are in the order of their UIDs, each UID once.
 */
import type { Aside } from './aside.ts';
import { NOT_TOLD } from './flag-sets.ts';

export type Columns = { uids: Uint32Array; dates: Float64Array; zones: Int16Array; sizes: Float64Array; flags: Uint16Array };

export function columnsOf(length: number): Columns {
  const [uids, zones, flags] = [new Uint32Array(length), new Int16Array(length), new Uint16Array(length)];
  return { uids, dates: new Float64Array(length), zones, sizes: new Float64Array(length), flags };
}

/** Of a message whose size was not told. */
export const UNTOLD_SIZE = -1;

/** In the order of UIDs, pieces of one message put together. One without a size was no answer, but news of a flag. */
export function folded(told: Columns, length: number): Columns {
  const order = new Uint32Array(length).map((_, row) => row);
  const isRising = order.every((row) => row === 0 || told.uids[row]! > told.uids[row - 1]!);
  // As servers do it, one answer a message.
  if (isRising && !told.sizes.subarray(0, length).includes(UNTOLD_SIZE)) return cut(told, length);
  if (!isRising) order.sort((a, b) => told.uids[a]! - told.uids[b]! || a - b);
  const found = columnsOf(length);
  let at = -1;
  let former: number | undefined;
  for (const row of order) {
    if (told.uids[row] !== former) {
      former = told.uids[row]!;
      // What was news alone gives its place away.
      if (at < 0 || found.sizes[at] !== UNTOLD_SIZE) at += 1;
      found.uids[at] = former;
      found.sizes[at] = UNTOLD_SIZE;
      found.flags[at] = NOT_TOLD;
      found.dates[at] = NaN;
    }
    if (told.sizes[row] !== UNTOLD_SIZE) found.sizes[at] = told.sizes[row]!;
    if (told.flags[row] !== NOT_TOLD) found.flags[at] = told.flags[row]!;
    if (!Number.isNaN(told.dates[row])) {
      found.dates[at] = told.dates[row]!;
      found.zones[at] = told.zones[row]!;
    }
  }
  const kept = found.sizes[at] === UNTOLD_SIZE ? at : at + 1;
  return cut(found, kept);
}

function cut({ uids, dates, zones, sizes, flags }: Columns, length: number): Columns {
  const to = <T extends { subarray(start: number, end: number): T }>(column: T): T => column.subarray(0, length);
  return { uids: to(uids), dates: to(dates), zones: to(zones), sizes: to(sizes), flags: to(flags) };
}

export function parted(all: Columns, apart: ReadonlySet<number>): { readonly columns: Columns; readonly aside: readonly Aside[] } {
  const aside: { uid: number; size: number }[] = [];
  if (apart.size === 0) return { columns: all, aside };
  const columns = columnsOf(all.uids.length);
  let length = 0;
  for (const [row, uid] of all.uids.entries()) {
    if (apart.has(uid)) {
      aside.push({ uid, size: all.sizes[row]! });
      continue;
    }
    for (const name of ['uids', 'dates', 'zones', 'sizes', 'flags'] as const) columns[name][length] = all[name][row]!;
    length += 1;
  }
  return { columns: cut(columns, length), aside };
}
