/** Reading plans, waves and the figures that their gates judge. Nothing here writes. */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { followingLag } from '#mover/index.ts';
import { sumFigures } from '#store/figures.ts';
import type { Store } from '#store/index.ts';
import type { Readings } from './gates.ts';
import type { GateLimits } from './plan-file.ts';
import { toldFigure } from './told.ts';
import type { CutoverTables, PlanState, WaveState } from './tables.ts';

export type Plan = {
  readonly id: number;
  readonly name: string;
  readonly source: string;
  readonly target: string;
  readonly state: PlanState;
  readonly reason: string | null;
  readonly gates: GateLimits;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
};

export type WaveProgress = {
  readonly id: number;
  readonly number: number;
  readonly name: string;
  readonly state: WaveState;
  /** Those held back left out, unless they have moved. */
  readonly accounts: number;
  readonly moved: number;
  readonly failed: number;
  /** Of the failed: those whose verification found a difference. */
  readonly mismatches: number;
  /** Moves that a worker has begun and not ended. */
  readonly inFlight: number;
  /** Moves that wait for a worker. */
  readonly queued: number;
  readonly messages: number;
  readonly heldBack: number;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
};

/** The plan of that name, or the newest one. */
export async function findPlan(store: Pick<Store, 'db'>, name?: string): Promise<Plan> {
  let query = store.db<CutoverTables>().selectFrom('plan').selectAll().orderBy('id', 'desc').limit(1);
  if (name !== undefined) query = query.where('name', '=', name);
  const plan = await query.executeTakeFirst();
  if (plan !== undefined) return plan;
  throw new CausewayError('not-found', name === undefined ? 'there is no plan yet' : `there is no plan named "${name}"`, {
    remedy: 'Read one in with: causeway cutover run FILE',
  });
}

/** Each wave with the state of the last move of each of its accounts. */
export async function waveProgress(store: Pick<Store, 'db'>, planId: number): Promise<WaveProgress[]> {
  const { rows } = await sql<WaveProgress>`
    select w.id, w.number, w.name, w.state, w.started_at as "startedAt", w.ended_at as "endedAt",
      count(*) filter (where h.account_id is null or m.state = 'moved' or m.elsewise)::int as accounts,
      count(*) filter (where h.account_id is not null and m.state is distinct from 'moved' and not m.elsewise)::int as "heldBack",
      count(*) filter (where m.state = 'moved' or m.elsewise)::int as moved,
      count(*) filter (where m.state = 'failed' and h.account_id is null and not m.elsewise)::int as failed,
      count(*) filter (where m.failure = 'mismatch' and h.account_id is null and not m.elsewise)::int as mismatches,
      count(*) filter (where m.state in ('copying', 'following', 'held'))::int as "inFlight",
      count(*) filter (where m.state = 'queued')::int as queued,
      coalesce(sum(m.messages), 0)::int as messages
    from wave w
    join wave_account wa on wa.wave_id = w.id
    join plan p on p.id = w.plan_id
    join route r on r.account_id = wa.account_id
    left join held_back h on h.account_id = wa.account_id
    left join lateral (
      select move.state, failure, messages from move
      where move.account_id = wa.account_id and move.wave_id = w.id order by move.id desc limit 1
    ) last on true
    -- Who came to the target otherwise need not be moved: by name, on somebody's word.
    cross join lateral (select last.state, last.failure, last.messages, coalesce(last.state, '') <> 'moved' and r.home = p.target as elsewise) m
    where w.plan_id = ${planId}
    group by w.id order by w.number`.execute(store.db());
  return rows;
}

/** What the gates of a plan's running wave read. */
export async function readings(store: Store, plan: Plan, wave: WaveProgress): Promise<Readings> {
  const sincePlan = plan.started_at === null ? 0 : Math.ceil((store.clock.now() - plan.started_at.getTime()) / 1000);
  const [window, since, followLagSeconds, deskLoad] = await Promise.all([
    sumFigures(store, { names: WINDOWED, sinceSeconds: plan.gates.windowSeconds }),
    sumFigures(store, { names: [FALSE_REJECTIONS], sinceSeconds: sincePlan }),
    followingLag(store, plan),
    plan.gates.deskLoad === undefined ? undefined : toldFigure(store, 'desk-load'),
  ]);
  return {
    falseRejections: since[FALSE_REJECTIONS] ?? 0,
    receiptMismatches: wave.mismatches,
    failedMoves: wave.failed,
    followLagSeconds,
    deskLoad,
    signIns: WINDOWED.reduce((sum, name) => sum + (window[name] ?? 0), 0),
    unavailable: (window['signin.unavailable'] ?? 0) + (window['sentinel.failed'] ?? 0),
  };
}

const FALSE_REJECTIONS = 'signin.false-rejection';
const WINDOWED = [
  'signin.accepted',
  'signin.rejected',
  'signin.locked',
  'signin.unavailable',
  'sentinel.accepted',
  'sentinel.failed',
];

/** Whether moves of this wave may begin new work: `mayGoOn` of the mover. A move outside any wave always may. */
export async function waveGoesOn(store: Pick<Store, 'db'>, waveId: number | null): Promise<boolean> {
  if (waveId === null) return true;
  const row = await store
    .db<CutoverTables>()
    .selectFrom('wave')
    .innerJoin('plan', 'plan.id', 'wave.plan_id')
    .select(['plan.state as plan', 'wave.state as wave'])
    .where('wave.id', '=', waveId)
    .executeTakeFirst();
  return row?.plan === 'running' && row.wave === 'running';
}

/**
 * What starting or resuming a wave must request: its accounts that are not held back, live at the plan's source, and have
 * neither an open move nor one of the wave that ended well.
 */
export async function toRequest(db: { db: Store['db'] }, waveId: number): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select wa.account_id as id from wave_account wa join wave w on w.id = wa.wave_id join plan p on p.id = w.plan_id
    join route r on r.account_id = wa.account_id and r.home = p.source
    where wa.wave_id = ${waveId}
      and not exists (select from held_back h where h.account_id = wa.account_id)
      and not exists (select from move m where m.account_id = wa.account_id and m.wave_id = wa.wave_id and m.state not in ('failed', 'cancelled'))
      and not exists (select from move m where m.account_id = wa.account_id and m.state in ('queued', 'copying', 'following', 'held')
        and coalesce(m.back not in ('following', 'merging'), true))
    order by wa.account_id`.execute(db.db());
  return rows.map(({ id }) => id);
}

/** Of a plan's waves of this name, the accounts that live where it moved them. @throws CausewayError('not-found') */
export async function movedBy(store: Pick<Store, 'db'>, { id, name: plan, target }: Plan, name: string): Promise<number[]> {
  const waves = await store.db<CutoverTables>().selectFrom('wave').select('id').where('plan_id', '=', id).where('name', '=', name).execute();
  if (waves.length === 0) throw new CausewayError('not-found', `the plan ${plan} has no wave "${name}"`);
  const { rows } = await sql<{ id: number }>`
    select r.account_id as id from wave_account wa join route r on r.account_id = wa.account_id
    where wa.wave_id = any(${waves.map((wave) => wave.id)}::bigint[]) and r.home = ${target} order by r.account_id`.execute(store.db());
  return rows.map((row) => row.id);
}

/** The accounts of a plan's wave. @throws CausewayError('not-found') */
export async function waveAccounts(store: Pick<Store, 'db'>, planId: number, number: number): Promise<number[]> {
  const wave = await store.db<CutoverTables>().selectFrom('wave').select('id').where('plan_id', '=', planId).where('number', '=', number).executeTakeFirst();
  if (wave === undefined) throw new CausewayError('not-found', `the plan has no wave ${number}`);
  const rows = await store.db<CutoverTables>().selectFrom('wave_account').select('account_id').where('wave_id', '=', wave.id).orderBy('account_id').execute();
  return rows.map(({ account_id }) => account_id);
}
