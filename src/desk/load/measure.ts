/** The load as it is now, from the calls and cases of the last hour and the technicians who are there. Nothing here writes. */
import { sql } from 'kysely';
import type { Store } from '#store/index.ts';
import { ABSENT_SECONDS } from '../cases/shifts.ts';
import type { Load } from './api.ts';
import { capacity, expect, needed } from './erlang.ts';

/** Where too few calls ended to tell. Seventy technicians at a thousand calls an hour have 252 s each; so somewhat worse. */
const GUESSED_SECONDS = 300;
const ENOUGH_CALLS = 20;
/** A call that was never ended (a page that was closed) says nothing of how long calls take. */
const LONGEST_SECONDS = 3_600;
/** So that a share can be told and kept where nobody is there: no shift carries a hundred times what it can. */
const MOST_SHARE = 100;

type Counts = { hour: number; now: number; ended: number; seconds: number | null; opened: number; closed: number; open: number; agents: number };

export async function measureLoad(store: Store): Promise<Load> {
  const { rows } = await sql<Counts>`
    select
      (select count(*)::int from desk_call where began_at > now() - interval '1 hour') as hour,
      (select count(*)::int from desk_call where began_at > now() - interval '10 minutes') as now,
      c.ended, c.seconds,
      (select count(*)::int from desk_case where opened_at > now() - interval '1 hour') as opened,
      (select count(*)::int from desk_case where closed_at > now() - interval '1 hour') as closed,
      (select count(*)::int from desk_case where state in ('open', 'waiting')) as open,
      (select count(*)::int from desk_presence where presence <> 'break' and seen_at > clock_timestamp() - ${ABSENT_SECONDS}::float8 * interval '1 second') as agents
    from (select count(*)::int as ended, avg(extract(epoch from ended_at - began_at))::float8 as seconds from desk_call
      where began_at > now() - interval '1 hour' and ended_at < began_at + ${LONGEST_SECONDS}::float8 * interval '1 second') c`.execute(store.db());
  return loadOf(rows[0]!, store.clock.now());
}

export function loadOf({ hour, now, ended, seconds, opened, closed, open, agents }: Counts, at: number): Load {
  const guessed = ended < ENOUGH_CALLS || seconds === null;
  const handlingSeconds = guessed ? GUESSED_SECONDS : Math.max(1, seconds);
  // A bad day begins within minutes; an hour's mean would tell of it when it is over.
  const callsPerHour = Math.max(hour, now * 6);
  const traffic = { callsPerHour, handlingSeconds };
  const capacityPerHour = capacity(agents, handlingSeconds);
  return {
    at,
    callsPerHour,
    casesOpenedPerHour: opened,
    casesClosedPerHour: closed,
    openCases: open,
    handlingSeconds,
    guessed,
    agents,
    expected: expect(traffic, agents),
    capacityPerHour,
    share: callsPerHour === 0 ? 0 : Math.min(MOST_SHARE, callsPerHour / Math.max(capacityPerHour, 1e-9)),
    needed: needed(traffic),
  };
}
