/**
 * What a plan covers: where nobody of a level is planned, who goes and who comes, and how shifts lie beside each other.
 *
 * Invariants: pure. A shift that ends as another begins leaves no gap. Times are ms since the epoch.
 */
import { LEVELS, type Level, type Shift } from '#desk/cases/api.ts';
import type { PlanHour } from '#desk/load/api.ts';
import type { Span } from './week.ts';

export type Gap = Span & { readonly level: Level };

/** In the order in which they begin. */
export function gapsIn(shifts: readonly Shift[], { from, until }: Span): Gap[] {
  return LEVELS.flatMap((level) => {
    const gaps: Gap[] = [];
    let covered = from;
    for (const shift of shifts.filter((each) => each.level === level && each.until > from && each.from < until).toSorted((a, b) => a.from - b.from)) {
      if (shift.from > covered) gaps.push({ level, from: covered, until: shift.from });
      covered = Math.max(covered, shift.until);
    }
    if (covered < until) gaps.push({ level, from: covered, until });
    return gaps;
  }).toSorted((a, b) => a.from - b.from || a.level - b.level);
}

/** Hours one after the other in which more calls are expected than the plan can carry. */
export function shortIn(hours: readonly PlanHour[]): Span[] {
  const spans: { from: number; until: number }[] = [];
  for (const { at, expected, capacityPerHour } of hours) {
    if (expected === undefined || expected <= capacityPerHour) continue;
    const last = spans.at(-1);
    if (last?.until === at) last.until = at + HOUR_MS;
    else spans.push({ from: at, until: at + HOUR_MS });
  }
  return spans;
}
const HOUR_MS = 3_600_000;

export type HandOver = { readonly at: number; readonly going: readonly string[]; readonly coming: readonly string[]; /** Who is there before it and after it. */ readonly staying: readonly string[] };

/** The next moment at which somebody's time at a level ends. Undefined: nobody's does. */
export function nextHandOver(shifts: readonly Shift[], level: Level, now: number): HandOver | undefined {
  const own = shifts.filter((shift) => shift.level === level);
  const thereAt = (moment: number): string[] => own.filter(({ from, until }) => from <= moment && moment < until).map(({ staff }) => staff);
  for (const at of [...new Set(own.map(({ until }) => until))].filter((each) => each > now).toSorted((a, b) => a - b)) {
    const after = new Set(thereAt(at));
    const before = new Set(own.filter(({ from, until }) => from < at && until >= at).map(({ staff }) => staff));
    const going = [...before].filter((name) => !after.has(name));
    if (going.length === 0) continue;
    return { at, going, coming: [...after].filter((name) => !before.has(name)), staying: [...after].filter((name) => before.has(name)) };
  }
  return undefined;
}

/** Each shift in the first row in which it meets no other. @returns rows of shifts, each from left to right */
export function rowsOf(shifts: readonly Shift[]): Shift[][] {
  const rows: Shift[][] = [];
  for (const shift of shifts.toSorted((a, b) => a.level - b.level || a.from - b.from || (a.staff < b.staff ? -1 : 1))) {
    // Levels are not mixed: one looks for them apart.
    const row = rows.find((each) => each[0]!.level === shift.level && each.at(-1)!.until <= shift.from);
    if (row === undefined) rows.push([shift]);
    else row.push(shift);
  }
  return rows;
}

/** Those that can be planned `days` later without somebody being there twice. */
export function copiesOf(shifts: readonly Shift[], planned: readonly Shift[], later: (at: number) => number): Omit<Shift, 'id'>[] {
  return shifts
    .map(({ staff, level, from, until }) => ({ staff, level, from: later(from), until: later(until) }))
    .filter(({ staff, from, until }) => !planned.some((each) => each.staff === staff && each.from < until && each.until > from));
}
