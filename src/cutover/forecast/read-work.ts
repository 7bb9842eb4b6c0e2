/** Reads what is done, under way and left of a plan, and what earlier waves took: what a forecast is made from. Nothing here writes. */
import { sql } from 'kysely';
import type { Store } from '#store/index.ts';
import { forecastsAtAQuarter } from './read.ts';
import { PAST, type PlanWork, SAMPLE, type Size, type UnderWay, type WaveWork } from './work.ts';

type Wanted = { readonly id: number; readonly source: string; readonly target: string; readonly state: string };
type WaveRow = { readonly id: number; readonly state: WaveWork['state']; readonly elapsedMs: number };
type PastRow = { readonly ms: number; readonly accounts: number; readonly messages: number; readonly bytes: number };

export async function readWork(store: Store, plan: Wanted): Promise<PlanWork> {
  const [waves, done, open, left, past, own, others, pace, quarters] = await Promise.all([
    sql<WaveRow>`
      select id, state, coalesce(extract(epoch from clock_timestamp() - started_at) * 1000, 0)::float8 as "elapsedMs"
      from wave where plan_id = ${plan.id} order by number`.execute(store.db()),
    sql<Size & { waveId: number; done: number }>`
      select m.wave_id as "waveId", count(*)::int as done, sum(m.messages)::float8 as messages, sum(m.bytes)::float8 as bytes
      from wave w join move m on m.wave_id = w.id and m.state = 'moved' where w.plan_id = ${plan.id} group by m.wave_id`.execute(store.db()),
    sql<UnderWay & { waveId: number }>`
      select m.wave_id as "waveId", m.account_id as "accountId", coalesce(extract(epoch from clock_timestamp() - m.started_at) * 1000, 0)::float8 as "elapsedMs",
        m.messages, m.bytes, m.copied_messages as "copiedMessages", m.copied_bytes + m.under_way_bytes as "copiedBytes"
      from wave w join move m on m.wave_id = w.id and m.state in ('copying', 'following', 'held') where w.plan_id = ${plan.id}`.execute(store.db()),
    sql<{ waveId: number; queued: number; waiting: number }>`
      select w.id as "waveId", count(*) filter (where coalesce(m.state, 'queued') = 'queued')::int as queued, count(*) filter (where m.state in ('failed', 'cancelled'))::int as waiting
      from wave w join wave_account wa on wa.wave_id = w.id
      left join lateral (select state from move where move.account_id = wa.account_id and move.wave_id = w.id order by move.id desc limit 1) m on true
      where w.plan_id = ${plan.id} and w.state <> 'done' and not exists (select from held_back h where h.account_id = wa.account_id)
      group by w.id`.execute(store.db()),
    // Waves that were left behind or waited for a person say nothing of speed: those of plans that paused have their pauses in them.
    sql<PastRow>`
      select (extract(epoch from w.ended_at - w.started_at) * 1000)::float8 as ms, count(*)::int as accounts, sum(m.messages)::float8 as messages, sum(m.bytes)::float8 as bytes
      from wave w join plan p on p.id = w.plan_id join move m on m.wave_id = w.id and m.state = 'moved'
      where p.source = ${plan.source} and p.target = ${plan.target} and w.state = 'done' and w.left_behind = 0
        and not exists (select from audit a where a.subject = p.name and a.act in ('cutover.pause', 'cutover.gate-passed') and a.at between w.started_at and w.ended_at)
      group by w.id order by w.ended_at desc limit ${PAST}`.execute(store.db()),
    sql<Size>`
      select messages, bytes from move where state = 'moved' and wave_id in (select id from wave where plan_id = ${plan.id}) order by ended_at desc limit ${SAMPLE}`.execute(store.db()),
    sql<Size>`
      select messages, bytes from move where state = 'moved' and back is null and source = ${plan.source} and target = ${plan.target}
        and (wave_id is null or wave_id not in (select id from wave where plan_id = ${plan.id}))
      order by id desc limit ${SAMPLE}`.execute(store.db()),
    sql<{ ended: number; ms: number | null }>`
      select count(*)::int as ended, (extract(epoch from max(ended_at) - min(started_at)) * 1000)::float8 as ms from (
        select started_at, ended_at from move where wave_id in (select id from wave where plan_id = ${plan.id}) and state = 'moved'
        order by ended_at desc limit ${SAMPLE}) late`.execute(store.db()),
    forecastsAtAQuarter(store, PAST),
  ]);
  const { ended, ms } = pace.rows[0]!;
  return {
    planId: plan.id,
    paused: plan.state === 'paused',
    waves: waves.rows.map((wave) => waveOf(wave, done.rows.find(({ waveId }) => waveId === wave.id), open.rows.filter(({ waveId }) => waveId === wave.id), left.rows.find(({ waveId }) => waveId === wave.id))),
    past: past.rows.toReversed().map((row) => ({ ms: row.ms, made: [row.accounts, row.messages, row.bytes, row.accounts, 1] })),
    ownSizes: own.rows,
    otherSizes: others.rows,
    errors: quarters.filter(({ kind, likelyAt, madeAt, basis }) => kind !== 'restoration' && !basis.paused && likelyAt > madeAt).map(({ madeAt, likelyAt, endedAt }) => Math.log((endedAt.getTime() - madeAt.getTime()) / (likelyAt.getTime() - madeAt.getTime()))),
    perHour: ended === 0 || ms === null || ms === 0 ? null : (ended / ms) * 3_600_000,
  };
}

function waveOf({ id, state, elapsedMs }: WaveRow, done: (Size & { done: number }) | undefined, underWay: readonly UnderWay[], left: { queued: number; waiting: number } | undefined): WaveWork {
  return {
    waveId: id,
    state,
    elapsedMs,
    done: done?.done ?? 0,
    doneMade: { messages: done?.messages ?? 0, bytes: done?.bytes ?? 0 },
    underWay,
    queued: left?.queued ?? 0,
    waiting: state === 'running' ? (left?.waiting ?? 0) : 0,
  };
}
