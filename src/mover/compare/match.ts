/**
 * Two mailboxes as multisets of (fingerprint, internal date, flags): what differs, with the fewest differences that
 * explain it. Pure.
 *
 * Invariants: each entry is in at most one pair or list; what is in none is equal to one of the other side, one for one,
 * so that true duplicates count as many times as they are there.
 */
import { compareKeys, compareNumbers, type Entries } from './entries.ts';

/** Indexes; of pairs the source's first. */
export type Differences = {
  /** At the source only. */
  readonly missing: readonly number[];
  /** At the target only. */
  readonly surplus: readonly number[];
  /** The same bytes and date with other flags. */
  readonly flags: readonly (readonly [number, number])[];
  /** The same bytes with another date, and perhaps other flags too. */
  readonly dates: readonly (readonly [number, number])[];
};

export function match(source: Entries, target: Entries): Differences {
  const found = { missing: [] as number[], surplus: [] as number[], flags: [] as [number, number][], dates: [] as [number, number][] };
  const whole = join(source.sorted(), target.sorted(), (i, j) => compareKeys(source, i, target, j), () => {});
  for (const [left, right] of alike(source, whole.left, target, whole.right, found)) {
    // The same bytes on both sides, and no equal partner: first those whose date is the same, then those with the same flags.
    const sameDate = join(left, right, (i, j) => compareNumbers(source.date(i), target.date(j)), (i, j) => void found.flags.push([i, j]));
    const byFlags = (side: Entries) => (a: number, b: number) => side.flags(a) - side.flags(b);
    const sameFlags = join(
      sameDate.left.sort(byFlags(source)),
      sameDate.right.sort(byFlags(target)),
      (i, j) => source.flags(i) - target.flags(j),
      (i, j) => void found.dates.push([i, j]),
    );
    const both = Math.min(sameFlags.left.length, sameFlags.right.length);
    for (let n = 0; n < both; n += 1) found.dates.push([sameFlags.left[n]!, sameFlags.right[n]!]);
    // Not by spreading: a mailbox may hold more of one message than a call takes arguments.
    for (const i of sameFlags.left.slice(both)) found.missing.push(i);
    for (const j of sameFlags.right.slice(both)) found.surplus.push(j);
  }
  const byUid = (side: Entries) => (a: number, b: number) => side.uid(a) - side.uid(b);
  found.missing.sort(byUid(source));
  found.surplus.sort(byUid(target));
  for (const pairs of [found.flags, found.dates]) pairs.sort(([a], [b]) => source.uid(a) - source.uid(b));
  return found;
}

/** Pairs what compares as equal, of two lists in ascending order; @returns the rest, in order. */
function join(
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  compare: (i: number, j: number) => number,
  onPair: (i: number, j: number) => void,
): { left: number[]; right: number[] } {
  const rest = { left: [] as number[], right: [] as number[] };
  let l = 0;
  let r = 0;
  while (l < left.length || r < right.length) {
    const order = l === left.length ? 1 : r === right.length ? -1 : compare(left[l]!, right[r]!);
    if (order === 0) onPair(left[l++]!, right[r++]!);
    else if (order < 0) rest.left.push(left[l++]!);
    else rest.right.push(right[r++]!);
  }
  return rest;
}

/** Groups of the same bytes that both sides have; what only one has goes to `found` at once. */
function* alike(
  source: Entries,
  left: readonly number[],
  target: Entries,
  right: readonly number[],
  found: { missing: number[]; surplus: number[] },
): Generator<[number[], number[]]> {
  let l = 0;
  let r = 0;
  while (l < left.length || r < right.length) {
    const order = l === left.length ? 1 : r === right.length ? -1 : Buffer.compare(source.fingerprint(left[l]!), target.fingerprint(right[r]!));
    if (order < 0) found.missing.push(left[l++]!);
    else if (order > 0) found.surplus.push(right[r++]!);
    else {
      const print = source.fingerprint(left[l]!);
      const group: [number[], number[]] = [[], []];
      while (l < left.length && source.fingerprint(left[l]!).equals(print)) group[0].push(left[l++]!);
      while (r < right.length && target.fingerprint(right[r]!).equals(print)) group[1].push(right[r++]!);
      yield group;
    }
  }
}
