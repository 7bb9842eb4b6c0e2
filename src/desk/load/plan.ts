/**
 * What a plan of shifts can carry, hour by hour, beside the calls that came in or are to be expected.
 *
 * Invariants: nothing here writes. A gap of minutes makes its hour a gap: an hour has the fewest who are planned at any
 * moment of it. What is expected is told only where the same hour of an earlier day is known.
 */
import { sql } from 'kysely';
import type { Store } from '#store/index.ts';
import type { Level, Shift } from '../cases/api.ts';
import { readPlanned } from '../cases/shifts.ts';
import type { PlanHour, PlanLoad } from './api.ts';
import { capacity } from './erlang.ts';
import { measureLoad } from './measure.ts';

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
/** A week of days is even where calls go by the day of the week, and soon follows where they do not. */
const DAYS_BACK = 7;

/** @param from the start of an hour, in ms since the epoch; hours are counted from there, whatever the time zone */
export async function planLoad(store: Store, { from, until }: { readonly from: number; readonly until: number }): Promise<PlanLoad> {
  const [shifts, { at, handlingSeconds, guessed }, calls] = await Promise.all([readPlanned(store, from, until), measureLoad(store), readCalls(store, from, until)]);
  return { at, handlingSeconds, guessed, hours: hoursOf({ shifts, calls, from, until, now: at, handlingSeconds }) };
}

/** By hours from `from` (negative before it), with the first hour of which anything is known. */
type Calls = { readonly byHour: ReadonlyMap<number, number>; readonly first: number };

async function readCalls(store: Store, from: number, until: number): Promise<Calls> {
  const { rows } = await sql<{ hour: number; calls: number }>`
    select floor(extract(epoch from began_at - ${new Date(from)}) / 3600)::int as hour, count(*)::int as calls from desk_call
    where began_at > ${new Date(from - DAYS_BACK * DAY_HOURS * HOUR_MS)} and began_at < ${new Date(until)} group by 1 order by 1`.execute(store.db());
  return { byHour: new Map(rows.map(({ hour, calls }) => [hour, calls])), first: rows[0]?.hour ?? Number.POSITIVE_INFINITY };
}

export function hoursOf({ shifts, calls: { byHour, first }, from, until, now, handlingSeconds }: { readonly shifts: readonly Shift[]; readonly calls: Calls; readonly from: number; readonly until: number; readonly now: number; readonly handlingSeconds: number }): PlanHour[] {
  const carried = new Map<number, number>();
  const carry = (agents: number): number => {
    const known = carried.get(agents) ?? capacity(agents, handlingSeconds);
    carried.set(agents, known);
    return known;
  };
  return Array.from({ length: Math.ceil((until - from) / HOUR_MS) }, (_, hour) => {
    const at = from + hour * HOUR_MS;
    const inIt = shifts.filter((shift) => shift.from < at + HOUR_MS && shift.until > at);
    const fewest = (levels: readonly Level[]): number => fewestAt(inIt.filter(({ level }) => levels.includes(level)), at, at + HOUR_MS);
    const isOver = at + HOUR_MS <= now;
    return {
      at,
      agents: [fewest([1]), fewest([2])] as const,
      capacityPerHour: carry(fewest([1, 2])),
      calls: isOver ? (byHour.get(hour) ?? 0) : undefined,
      expected: isOver ? undefined : meanBefore(byHour, first, hour, Math.floor((now - from) / HOUR_MS)),
    };
  });
}

/** At each moment at which somebody comes or goes, and at the start. */
function fewestAt(shifts: readonly Shift[], from: number, until: number): number {
  const moments = [from, ...shifts.map((shift) => shift.until).filter((end) => end < until)];
  return Math.min(...moments.map((moment) => shifts.filter((shift) => shift.from <= moment && shift.until > moment).length));
}

/** Of the same hour on the days before, of those that are over and known. @param running the hour that is now */
function meanBefore(byHour: ReadonlyMap<number, number>, first: number, hour: number, running: number): number | undefined {
  const last = hour - DAY_HOURS * Math.max(1, Math.ceil((hour - running + 1) / DAY_HOURS));
  const hours = Array.from({ length: DAYS_BACK }, (_, day) => last - day * DAY_HOURS).filter((each) => each >= first);
  return hours.length === 0 ? undefined : hours.reduce((sum, each) => sum + (byHour.get(each) ?? 0), 0) / hours.length;
}
