/** Reading plans, waves and the figures that their gates judge. Nothing here writes. */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import type { MoverTables } from '#mover/tables.ts';
import { sumFigures } from '#store/figures.ts';
import type { Store } from '#store/index.ts';
import type { Readings } from './gates.ts';
import type { GateLimits } from './plan-file.ts';
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
};

export type WaveProgress = {
  readonly id: number;
  readonly number: number;
  readonly name: string;
  readonly state: WaveState;
  readonly accounts: number;
  readonly moved: number;
  readonly failed: number;
  /** Of the failed: those whose verification found a difference. */
  readonly mismatches: number;
  /** Moves that a worker has begun and not ended. */
  readonly inFlight: number;
  readonly messages: number;
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
    select w.id, w.number, w.name, w.state,
      count(*)::int as accounts,
      count(*) filter (where m.state = 'moved')::int as moved,
      count(*) filter (where m.state = 'failed')::int as failed,
      count(*) filter (where m.failure = 'mismatch')::int as mismatches,
      count(*) filter (where m.state in ('copying', 'following', 'held'))::int as "inFlight",
      coalesce(sum(m.messages), 0)::int as messages
    from wave w
    join wave_account wa on wa.wave_id = w.id
    left join lateral (
      select state, failure, messages from move
      where move.account_id = wa.account_id and move.wave_id = w.id order by move.id desc limit 1
    ) m on true
    where w.plan_id = ${planId}
    group by w.id order by w.number`.execute(store.db());
  return rows;
}

/** What the gates of a plan's running wave read. */
export async function readings(store: Store, plan: Plan, wave: WaveProgress): Promise<Readings> {
  const sincePlan = plan.started_at === null ? 0 : Math.ceil((store.clock.now() - plan.started_at.getTime()) / 1000);
  const [window, since] = await Promise.all([
    sumFigures(store, { names: WINDOWED, sinceSeconds: plan.gates.windowSeconds }),
    sumFigures(store, { names: [FALSE_REJECTIONS], sinceSeconds: sincePlan }),
  ]);
  return {
    falseRejections: since[FALSE_REJECTIONS] ?? 0,
    receiptMismatches: wave.mismatches,
    failedMoves: wave.failed,
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

/** Accounts of a wave that have no open move and none that ended well: what starting or resuming it must request. */
export async function toRequest(db: { db: Store['db'] }, waveId: number): Promise<number[]> {
  const rows = await db
    .db<CutoverTables & MoverTables>()
    .selectFrom('wave_account')
    .select('account_id')
    .where('wave_id', '=', waveId)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('move')
            .select('move.id')
            .whereRef('move.account_id', '=', 'wave_account.account_id')
            .where('move.wave_id', '=', waveId)
            .where('move.state', 'not in', ['failed', 'cancelled']),
        ),
      ),
    )
    .execute();
  return rows.map((row) => row.account_id);
}

/** The accounts of a plan's wave. @throws CausewayError('not-found') */
export async function waveAccounts(store: Pick<Store, 'db'>, planId: number, number: number): Promise<number[]> {
  const wave = await store.db<CutoverTables>().selectFrom('wave').select('id').where('plan_id', '=', planId).where('number', '=', number).executeTakeFirst();
  if (wave === undefined) throw new CausewayError('not-found', `the plan has no wave ${number}`);
  const rows = await store.db<CutoverTables>().selectFrom('wave_account').select('account_id').where('wave_id', '=', wave.id).orderBy('account_id').execute();
  return rows.map(({ account_id }) => account_id);
}
