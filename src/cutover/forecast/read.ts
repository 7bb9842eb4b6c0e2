/** Reads forecasts that were kept, and how good they were; and makes one account's from its wave's. Nothing here writes. */
import { sql } from 'kysely';
import type { Store } from '#store/index.ts';
import type { Basis, Forecast, ForecastKind } from './forecast.ts';

type Reads = Pick<Store, 'db'>;

const FORECAST = sql`f.kind, f.subject as id, f.made_at as "madeAt", f.from_at as "fromAt", f.likely_at as "likelyAt", f.to_at as "toAt", f.basis`;
/** Forecasts made longer ago than this say nothing of now: whoever makes them is gone. */
const STALE_SECONDS = 300;

/**
 * The newest forecast of each of these that has not ended. Those that are not forecast (yet) are left out.
 * @param kind of an account: `forecastOfAccount`
 */
export async function forecastsOf(store: Reads, kind: 'plan' | 'wave', ids: readonly number[]): Promise<Map<number, Forecast>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<Forecast>`
    select distinct on (f.subject) ${FORECAST} from forecast f
    where f.kind = ${kind} and f.subject = any(${[...ids]}::bigint[]) and f.ended_at is null
      and f.made_at > now() - ${STALE_SECONDS} * interval '1 second'
    order by f.subject, f.id desc`.execute(store.db());
  return new Map(rows.map((row) => [row.id, row]));
}

/** When nearly all customers whom a trouble left behind are served again; undefined where none are, or too little is known. */
export async function forecastOfRestoration(store: Reads): Promise<Forecast | undefined> {
  const { rows } = await sql<Forecast>`
    select ${FORECAST} from forecast f where f.kind = 'restoration' and f.ended_at is null
      and f.subject = (select spell from backlog where customers > 0 and id = (select max(id) from backlog))
      and f.made_at > now() - ${STALE_SECONDS} * interval '1 second' order by f.id desc limit 1`.execute(store.db());
  return rows[0];
}

/** All that was said of one, the newest first. */
export async function revisionsOf(store: Reads, kind: Exclude<ForecastKind, 'account'>, id: number, limit = 200): Promise<Forecast[]> {
  const { rows } = await sql<Forecast>`select ${FORECAST} from forecast f where f.kind = ${kind} and f.subject = ${id} order by f.id desc limit ${limit}`.execute(store.db());
  return rows;
}

/**
 * When one account will have moved, if a plan is to move it: by its place in its wave, between when the wave goes on and
 * when it ends. A few rows by index: for a screen that must be there at once.
 */
export async function forecastOfAccount(store: Reads, accountId: number): Promise<Forecast | undefined> {
  const { rows } = await sql<Place>`
    select w.id as "waveId", w.number, w.plan_id as "planId", w.state as "waveState", m.id as "moveId", m.state as "moveState"
    from wave_account wa join wave w on w.id = wa.wave_id join plan p on p.id = w.plan_id
    left join lateral (select id, state from move where account_id = wa.account_id and wave_id = w.id order by id desc limit 1) m on true
    where wa.account_id = ${accountId} and p.state in ('running', 'paused') and w.state <> 'done'
      and not exists (select from held_back h where h.account_id = wa.account_id)
    order by w.number limit 1`.execute(store.db());
  const [place] = rows;
  if (place === undefined || ['moved', 'failed', 'cancelled'].includes(place.moveState ?? '')) return undefined;
  const wave = (await forecastsOf(store, 'wave', [place.waveId])).get(place.waveId);
  if (wave === undefined) return undefined;
  const { begin, share } = place.waveState === 'running' && place.moveState !== null ? { begin: wave.madeAt, share: await shareBefore(store, place) } : { begin: await beginOf(store, place, wave), share: undefined };
  const between = (end: Date, part: number): Date => new Date(begin.getTime() + Math.max(0, end.getTime() - begin.getTime()) * part);
  return {
    kind: 'account',
    id: accountId,
    madeAt: wave.madeAt,
    // A wave that has not begun has no order yet; and of one that has, an account that is begun may be the last to end.
    fromAt: share === undefined ? begin : between(wave.fromAt, share.from),
    likelyAt: between(wave.likelyAt, share?.to ?? 0.5),
    toAt: between(wave.toAt, share === undefined || share.from === 0 ? 1 : Math.min(1, share.to * 1.5)),
    basis: wave.basis,
  };
}

type Place = { readonly waveId: number; readonly number: number; readonly planId: number; readonly waveState: string; readonly moveId: number | null; readonly moveState: string | null };

/** How much of what is left of the wave comes before: of the wave's open moves, which go in the order of their ids. */
async function shareBefore(store: Reads, { waveId, moveId, moveState }: Place): Promise<{ from: number; to: number }> {
  const { rows } = await sql<{ before: number; all: number }>`
    select count(*) filter (where state = 'queued' and id <= ${moveId})::int as before, count(*)::int as all
    from move where wave_id = ${waveId} and state in ('queued', 'copying', 'following', 'held')`.execute(store.db());
  const { before, all } = rows[0]!;
  return moveState === 'queued' ? { from: Math.max(0, before - 1) / all, to: before / all } : { from: 0, to: 0.5 };
}

/** A wave that has not begun begins when the one before it ends. */
async function beginOf(store: Reads, { planId, number }: Place, wave: Forecast): Promise<Date> {
  const { rows } = await sql<{ id: number }>`select id from wave where plan_id = ${planId} and number < ${number} and state <> 'done' order by number desc limit 1`.execute(store.db());
  const [before] = rows;
  if (before === undefined) return wave.madeAt;
  return (await forecastsOf(store, 'wave', [before.id])).get(before.id)?.fromAt ?? wave.madeAt;
}

export type ForecastQuality = { readonly ended: number; readonly within: number; readonly medianError: number | null };

/** One whose end is known: what was said of it at a quarter of the way, and how it came. */
export type Kept = { readonly kind: Exclude<ForecastKind, 'account'>; readonly id: number; readonly beganAt: Date; readonly endedAt: Date; readonly madeAt: Date; readonly fromAt: Date; readonly likelyAt: Date; readonly toAt: Date; readonly basis: Basis };

/** Of each: the last forecast that was made before a quarter of its time was over; where there was none, the first. The newest ends first. */
export async function forecastsAtAQuarter(store: Reads, limit = 100): Promise<Kept[]> {
  const { rows } = await sql<Kept>`
    with ended as (
      select kind, subject, max(ended_at) as ended_at, max(began_at) as began_at from forecast where ended_at is not null and began_at is not null
      group by kind, subject having max(ended_at) > max(began_at) order by max(ended_at) desc limit ${limit}
    )
    select e.kind, e.subject as id, e.began_at as "beganAt", e.ended_at as "endedAt", f.made_at as "madeAt", f.from_at as "fromAt",
      f.likely_at as "likelyAt", f.to_at as "toAt", f.basis
    from ended e cross join lateral (
      select f.* from forecast f
      where f.kind = e.kind and f.subject = e.subject and f.made_at >= e.began_at and f.made_at < e.ended_at
      order by (f.made_at > e.began_at + (e.ended_at - e.began_at) / 4),
        case when f.made_at > e.began_at + (e.ended_at - e.began_at) / 4 then extract(epoch from f.made_at) else -extract(epoch from f.made_at) end
      limit 1
    ) f order by e.ended_at desc`.execute(store.db());
  return rows;
}

/** How good forecasts have been. */
export async function forecastQuality(store: Reads): Promise<ForecastQuality> {
  const kept = await forecastsAtAQuarter(store);
  const errors = kept.map(({ madeAt, endedAt, likelyAt }) => Math.abs(likelyAt.getTime() - endedAt.getTime()) / Math.max(1, endedAt.getTime() - madeAt.getTime())).sort((a, b) => a - b);
  return { ended: kept.length, within: kept.filter(({ fromAt, toAt, endedAt }) => fromAt <= endedAt && endedAt <= toAt).length, medianError: errors[Math.floor(errors.length / 2)] ?? null };
}
