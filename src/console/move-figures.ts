/** What moves did and do: holds, failures, who went back, how far former homes are behind. Nothing here writes. */
import { sql } from 'kysely';
import type { ConsoleState } from '#cutover/api.ts';
import type { Plan } from '#cutover/records.ts';
import type { Store } from '#store/index.ts';

type Reads = Pick<Store, 'db'>;

/** More than anybody reads in a list. */
const SHOWN = 100;
const WORST = 5;

/** ms that customers waited in the holds of a plan's moves. */
export async function holdsOf(store: Reads, planId: number): Promise<ConsoleState['holds']> {
  const { rows } = await sql<ConsoleState['holds']>`
    with holds as (
      select m.id, m.hold_ms as ms from move m join wave w on w.id = m.wave_id where w.plan_id = ${planId} and m.state = 'moved' and m.hold_ms is not null
    )
    select count(*)::int as count, percentile_disc(0.5) within group (order by ms) as p50, percentile_disc(0.95) within group (order by ms) as p95, max(ms) as longest,
      array(select ms from (select id, ms from holds order by id desc limit ${SHOWN}) late order by id) as recent
    from holds`.execute(store.db());
  return rows[0]!;
}

export async function failuresOf(store: Reads, planId: number): Promise<ConsoleState['failures']> {
  const { rows } = await sql<Omit<ConsoleState['failures'][number], 'endedAt'> & { endedAt: Date | null }>`
    select wa.account_id as "accountId", a.address, w.name as wave, m.failure, m.error, m.ended_at as "endedAt"
    from wave w join wave_account wa on wa.wave_id = w.id join account a on a.id = wa.account_id
    join lateral (select * from move where move.account_id = wa.account_id and move.wave_id = w.id order by move.id desc limit 1) m on true
    where w.plan_id = ${planId} and m.state = 'failed' and not exists (select from held_back h where h.account_id = wa.account_id)
    order by m.ended_at desc nulls last, wa.account_id limit ${SHOWN}`.execute(store.db());
  return rows.map((row) => ({ ...row, endedAt: row.endedAt?.toISOString() ?? null }));
}

export type WaveBack = { readonly waveId: number; /** Live at the target, and stay. */ readonly there: number; readonly rolledBack: number; readonly goingBack: number };

export async function backOf(store: Reads, { id, source, target }: Pick<Plan, 'id' | 'source' | 'target'>): Promise<Map<number, WaveBack>> {
  const { rows } = await sql<WaveBack>`
    select w.id as "waveId",
      count(*) filter (where r.home = ${target} and b.id is null)::int as there,
      count(*) filter (where r.home = ${source} and exists (select from move m where m.account_id = wa.account_id and m.wave_id = w.id and m.state = 'moved'))::int as "rolledBack",
      count(b.id)::int as "goingBack"
    from wave w join wave_account wa on wa.wave_id = w.id join route r on r.account_id = wa.account_id
    left join move b on b.account_id = wa.account_id and b.back in ('asked', 'without') and b.state in ('queued', 'copying', 'following', 'held')
    where w.plan_id = ${id} group by w.id`.execute(store.db());
  return new Map(rows.map((row) => [row.waveId, row]));
}

export async function lagOf(store: Reads, { source, target }: Pick<Plan, 'source' | 'target'>): Promise<ConsoleState['lag']> {
  const { rows } = await sql<{ address: string; seconds: number; error: string | null; following: number }>`
    select a.address, greatest(0, round(extract(epoch from clock_timestamp() - coalesce(m.followed_at, m.requested_at))))::int as seconds, m.error, count(*) over ()::int as following
    from move m join account a on a.id = m.account_id
    where m.back = 'following' and m.state in ('queued', 'copying', 'following', 'held') and m.source = ${target} and m.target = ${source}
    order by seconds desc, a.id limit ${WORST}`.execute(store.db());
  return { following: rows[0]?.following ?? 0, seconds: rows[0]?.seconds ?? 0, worst: rows.map(({ address, seconds, error }) => ({ address, seconds, error })) };
}

export async function countOpen(store: Reads): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from move where state in ('queued', 'copying', 'following', 'held') and coalesce(back not in ('following', 'merging'), true)`.execute(store.db());
  return rows[0]!.n;
}
