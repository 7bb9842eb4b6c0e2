/**
 * Keeps forecasts current, in the open: each that says something else than the one before is a row of its own.
 *
 * Invariants: one instance at a time makes them, whoever is first; none is changed afterwards. A plan that is not going on
 * costs one small query.
 */
import { sql } from 'kysely';
import { messageOf } from '#errors/index.ts';
import { defineEvent } from '#events/index.ts';
import type { Store, Tx } from '#store/index.ts';
import { customersBehind, restorationOf, type Sample } from './backlog.ts';
import type { Basis } from './forecast.ts';
import { readWork } from './read-work.ts';
import { play, type Spread } from './simulate.ts';
import type { PlanWork, WaveWork } from './work.ts';
import type { ForecastTables } from './table.ts';

const failed = defineEvent<{ error: string }>('cutover.forecast-failed', 'warn');

/** A page that is looked at shows what is some seconds old. */
const EVERY_MS = 5_000;
/** "fcst" in ASCII: an advisory lock that no other program takes. */
const LOCK = 0x66637374;
/** A revision says something else: an end of its range moved by so much of its distance. */
const MOVED = 0.05;
/** And else it is said again after this, so that its age tells that somebody still looks. */
const AGAIN_MS = 60_000;
/** Backlogs are sampled at each round; a spell of three days has 50,000. */
const SAMPLES = 2_000;

export type Forecasting = { stop(): Promise<void> };

export function startForecasting(store: Store): Forecasting {
  const stopping = new AbortController();
  const done = (async () => {
    while (!stopping.signal.aborted) {
      await revise(store).catch((error: unknown) => store.emit(failed, { error: messageOf(error) }));
      await store.clock.sleep(EVERY_MS, stopping.signal).catch(() => {});
    }
  })();
  return {
    stop() {
      stopping.abort();
      return done;
    },
  };
}

type Row = { readonly kind: 'plan' | 'wave' | 'restoration'; readonly subject: number; readonly beganAt: Date | null; readonly spread: Spread; readonly basis: Basis };

/** Makes the forecasts of what is going on, and keeps those that say something new. @param random for tests */
export async function revise(store: Store, random: () => number = Math.random): Promise<void> {
  await noteEnds(store);
  const rows: Row[] = [];
  const plan = await store
    .db<{ plan: { id: number; source: string; target: string; state: string; started_at: Date | null } }>()
    .selectFrom('plan')
    .select(['id', 'source', 'target', 'state', 'started_at'])
    .where('state', 'in', ['running', 'paused'])
    .executeTakeFirst();
  if (plan !== undefined) rows.push(...(await ofPlan(store, plan, random)));
  rows.push(...(await ofBacklog(store)));
  if (rows.length === 0) return;
  await store.transaction(async (tx) => {
    const { rows: lock } = await sql<{ got: boolean }>`select pg_try_advisory_xact_lock(${LOCK}) as got`.execute(tx.db());
    if (lock[0]!.got) for (const row of rows) await keep(tx, row);
  });
}

async function ofPlan(store: Store, plan: { id: number; source: string; target: string; state: string; started_at: Date | null }, random: () => number): Promise<Row[]> {
  const work = await readWork(store, plan);
  const played = play(work, random);
  if (played === undefined) return [];
  const { rows: began } = await sql<{ id: number; at: Date | null }>`select id, started_at as at from wave where plan_id = ${plan.id}`.execute(store.db());
  const beganAt = new Map(began.map(({ id, at }) => [id, at]));
  return [
    { kind: 'plan', subject: plan.id, beganAt: plan.started_at, spread: played.plan, basis: basisOf(work, work.waves) },
    ...work.waves.flatMap((wave): Row[] => {
      const spread = played.waves.get(wave.waveId);
      return spread === undefined ? [] : [{ kind: 'wave', subject: wave.waveId, beganAt: beganAt.get(wave.waveId) ?? null, spread, basis: basisOf(work, [wave]) }];
    }),
  ];
}

function basisOf({ perHour, paused }: PlanWork, waves: readonly WaveWork[]): Basis {
  const sum = (of: (wave: WaveWork) => number): number => waves.reduce((total, wave) => total + of(wave), 0);
  return { done: sum(({ done }) => done), left: sum(({ underWay, queued }) => underWay.length + queued), underWay: sum(({ underWay }) => underWay.length), perHour, waiting: sum(({ waiting }) => waiting), paused };
}

async function ofBacklog(store: Store): Promise<Row[]> {
  const customers = await customersBehind(store);
  const last = await store.db<ForecastTables>().selectFrom('backlog').select(['spell', 'customers']).orderBy('id', 'desc').limit(1).executeTakeFirst();
  const inSpell = last !== undefined && last.customers > 0;
  if (customers === 0 && !inSpell) return [];
  const { rows: noted } = await sql<{ spell: number }>`
    insert into backlog (spell, customers) values (${inSpell ? last.spell : 0}, ${customers}) returning case when spell = 0 then id else spell end as spell`.execute(store.db());
  const { spell } = noted[0]!;
  if (!inSpell) await sql`update backlog set spell = id where spell = 0`.execute(store.db());
  const { rows } = await sql<{ at: Date; customers: number }>`
    select at, customers from (select id, at, customers from backlog where spell = ${spell} order by id desc limit ${SAMPLES}) late order by id`.execute(store.db());
  const samples = rows.map((row): Sample => ({ at: row.at.getTime(), customers: row.customers }));
  const found = restorationOf(samples);
  if (found === undefined) return [];
  const { fromMs, likelyMs, toMs, height } = found;
  if (toMs === 0) {
    await sql`update forecast set ended_at = clock_timestamp() where kind = 'restoration' and subject = ${spell} and ended_at is null`.execute(store.db());
    return [];
  }
  const since = samples.at(-1)!.at - height.at;
  const served = height.customers - customers;
  return [{
    kind: 'restoration',
    subject: spell,
    beganAt: new Date(height.at),
    spread: { lowMs: fromMs, likelyMs, highMs: toMs },
    basis: { done: served, left: customers, underWay: 0, perHour: since === 0 ? null : (served / since) * 3_600_000, waiting: 0, paused: false },
  }];
}

async function keep(tx: Tx, { kind, subject, beganAt, spread: { lowMs, likelyMs, highMs }, basis }: Row): Promise<void> {
  await sql`
    insert into forecast (kind, subject, made_at, began_at, from_at, likely_at, to_at, basis)
    select ${kind}, ${subject}, t.now, ${beganAt}, t.now + ${lowMs} * interval '1 millisecond', t.now + ${likelyMs} * interval '1 millisecond',
      t.now + ${highMs} * interval '1 millisecond', ${JSON.stringify(basis)}::jsonb
    from (select clock_timestamp() as now) t
    where not exists (
      select from (select * from forecast where kind = ${kind} and subject = ${subject} order by id desc limit 1) former
      where former.made_at > t.now - ${AGAIN_MS} * interval '1 millisecond'
        and former.began_at is not distinct from ${beganAt}::timestamptz
        and (former.basis ->> 'paused')::boolean = ${basis.paused}
        and abs(extract(epoch from former.from_at - t.now) * 1000 - ${lowMs}::float8) < ${MOVED}::float8 * ${lowMs}::float8
        and abs(extract(epoch from former.to_at - t.now) * 1000 - ${highMs}::float8) < ${MOVED}::float8 * ${highMs}::float8)`.execute(tx.db());
}

/** What came to its end by itself; not what was promoted past those left behind, or called off. */
async function noteEnds(store: Store): Promise<void> {
  await sql`update forecast f set ended_at = w.ended_at from wave w
    where f.kind = 'wave' and f.ended_at is null and w.id = f.subject and w.state = 'done' and w.left_behind = 0`.execute(store.db());
  await sql`update forecast f set ended_at = p.ended_at from plan p
    where f.kind = 'plan' and f.ended_at is null and p.id = f.subject and p.state = 'done'
      and not exists (select from wave w where w.plan_id = p.id and w.left_behind > 0)`.execute(store.db());
}
