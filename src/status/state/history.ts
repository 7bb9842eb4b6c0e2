/**
 * What each component's state was: noted each minute, and told by days.
 *
 * Invariants: time that nobody noted is unknown, not well. Any number of instances may note: one does, and rows of a
 * component never overlap. Days are those of the provider's time zone, also where a day has 23 or 25 hours.
 */
import { sql } from 'kysely';
import { COMPONENTS, type Component } from '#incident/declared/api.ts';
import type { Store } from '#store/index.ts';
import { LEVELS, type Level, worse } from '../api.ts';
import type { States } from './component-state.ts';
import { HISTORY_DAYS } from './facts.ts';
import { dayOf } from '../site/times.ts';

/** A row goes on where it was noted so lately: three of the minutes in which it is noted. */
const GOES_ON_SECONDS = 180;
/** "stat" in ASCII. */
const LOCK = 0x73746174;

/** @throws as the store does */
export async function noteStates(store: Store, states: States): Promise<void> {
  await store.transaction(async (tx) => {
    const { rows } = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(${LOCK}) as mine`.execute(tx.db());
    if (rows[0]?.mine !== true) return;
    const levels = COMPONENTS.map((component) => states[component].level);
    // The state of the last minute held until now; a change begins now.
    await sql`
      with given as (select * from unnest(${[...COMPONENTS]}::text[], ${levels}::text[]) as given (component, state)),
        last as (select distinct on (component) component, from_at, until_at, state from component_state order by component, from_at desc),
        held as (
          update component_state c set until_at = now() from last
          where c.component = last.component and c.from_at = last.from_at and last.until_at > now() - make_interval(secs => ${GOES_ON_SECONDS})
          returning c.component, c.state)
      insert into component_state (component, from_at, until_at, state)
      select given.component, now(), now(), given.state from given left join held on held.component = given.component
      where held.state is distinct from given.state
      on conflict (component, from_at) do nothing`.execute(tx.db());
    await sql`delete from component_state where until_at < now() - make_interval(days => ${HISTORY_DAYS + 2}::int)`.execute(tx.db());
  });
}

export type Span = { readonly component: Component; readonly from: number; readonly until: number; readonly level: Level };

/** Of the last 90 days, the oldest first. @throws as the store does */
export async function readSpans(store: Store): Promise<Span[]> {
  const { rows } = await sql<{ component: Component; from_at: Date; until_at: Date; state: Level }>`
    select component, from_at, until_at, state from component_state
    where until_at > now() - make_interval(days => ${HISTORY_DAYS + 1}::int) order by from_at`.execute(store.db());
  return rows.map(({ component, from_at: from, until_at: until, state }) => ({ component, from: from.getTime(), until: until.getTime(), level: state }));
}

/** `level` undefined: nothing was noted on it. Minutes by level, of what was noted. */
export type Day = { readonly day: string; readonly level: Level | undefined; readonly minutes: Readonly<Record<Level, number>> };

/** The last 90 days of a component, the oldest first; the last is today. */
export function daysOf(spans: readonly Span[], component: Component, now: number, zone: string): Day[] {
  const days = new Map<string, { level: Level | undefined; minutes: Record<Level, number> }>();
  for (const day of lastDays(now, zone)) days.set(day, { level: undefined, minutes: Object.fromEntries(LEVELS.map((level) => [level, 0])) as Record<Level, number> });
  for (const span of spans) {
    if (span.component !== component) continue;
    for (let at = span.from; at < span.until; ) {
      const name = dayOf(at, zone);
      const until = Math.min(span.until, nextDay(at, name, zone));
      const day = days.get(name);
      if (day !== undefined) {
        day.minutes[span.level] += (until - at) / 60_000;
        // An unknown minute is not what a day is remembered for.
        day.level = day.level === undefined ? span.level : span.level === 'unknown' ? day.level : day.level === 'unknown' ? span.level : worse(day.level, span.level);
      }
      at = until;
    }
  }
  return [...days].map(([day, rest]) => ({ day, ...rest }));
}

const HOUR_MS = 3_600_000;
const QUARTER_MS = 900_000;

/** The first moment after `at` that is of another day: all zones change theirs at a quarter of an hour. */
function nextDay(at: number, name: string, zone: string): number {
  let next = Math.floor(at / QUARTER_MS) * QUARTER_MS + QUARTER_MS;
  while (dayOf(next + HOUR_MS, zone) === name) next += HOUR_MS;
  while (dayOf(next, zone) === name) next += QUARTER_MS;
  return next;
}

function lastDays(now: number, zone: string): string[] {
  // By the calendar, not by 24 hours: the middle of a day is the same day in every zone's arithmetic.
  const today = new Date(`${dayOf(now, zone)}T12:00:00Z`).getTime();
  return Array.from({ length: HISTORY_DAYS }, (_, i) => new Date(today - (HISTORY_DAYS - 1 - i) * 24 * HOUR_MS).toISOString().slice(0, 10));
}

/** Since when each component has its present level, by the notes; undefined where they do not say. */
export function sinceOf(spans: readonly Span[], component: Component, level: Level): number | undefined {
  let since: number | undefined;
  for (const span of spans.filter((each) => each.component === component).toReversed()) {
    if (span.level !== level || (since !== undefined && since - span.until > GOES_ON_SECONDS * 1_000)) break;
    since = span.from;
  }
  return since;
}
