/**
 * What the store knows of how the service is, read in one go.
 *
 * Invariant: nothing here is a person's word but `declared`, and that is told apart.
 */
import { sql } from 'kysely';
import { type Declared, readDeclared } from '#incident/declared/index.ts';
import type { KeptIncident } from '#incident/index.ts';
import { openIncidents } from '#incident/index.ts';
import { sumFigures } from '#store/figures.ts';
import type { Store } from '#store/index.ts';

/** Of a wave plan that has begun and is not over. */
export type Moving = { readonly planId: number; readonly moved: number; readonly accounts: number; readonly paused: boolean };

export type Facts = {
  /** Wall time, ms, by the store's clock. */
  readonly at: number;
  /** When any instance last said that it lives; undefined: none ever did. */
  readonly heardAt: number | undefined;
  readonly incidents: readonly Pick<KeptIncident, 'kind' | 'protocols' | 'from'>[];
  /** In the last five minutes. */
  readonly signIns: { readonly answered: number; readonly unavailable: number };
  readonly deliveries: { readonly delivered: number; readonly deferred: number };
  readonly moving: Moving | undefined;
  /** What people declared and has not ended, or ended within 90 days; public or not. */
  readonly declared: readonly Declared[];
};

/** Long enough for shares of few sign-ins at night, short enough that a page of a minute's age tells of it. */
const WINDOW_SECONDS = 300;
export const HISTORY_DAYS = 90;
const DAY_MS = 86_400_000;

const FIGURES = ['signin.accepted', 'signin.rejected', 'signin.locked', 'signin.unavailable', 'delivery.delivered', 'delivery.refused', 'delivery.deferred'] as const;

/** @throws as the store does */
export async function readFacts(store: Store): Promise<Facts> {
  const [clock, sums, incidents, moving] = await Promise.all([
    sql<{ at: Date; heard: Date | null }>`select now() as at, (select max(at) from instance_progress) as heard`.execute(store.db()),
    sumFigures(store, { names: FIGURES, sinceSeconds: WINDOW_SECONDS }),
    openIncidents(store),
    readMoving(store),
  ]);
  const { at, heard } = clock.rows[0]!;
  return {
    at: at.getTime(),
    heardAt: heard?.getTime(),
    incidents,
    signIns: { answered: sums['signin.accepted'] + sums['signin.rejected'] + sums['signin.locked'], unavailable: sums['signin.unavailable'] },
    deliveries: { delivered: sums['delivery.delivered'] + sums['delivery.refused'], deferred: sums['delivery.deferred'] },
    moving,
    declared: await readDeclared(store, { since: at.getTime() - HISTORY_DAYS * DAY_MS }),
  };
}

async function readMoving(store: Store): Promise<Moving | undefined> {
  const { rows } = await sql<Moving>`
    select p.id as "planId", p.state = 'paused' as paused, count(*)::int as accounts, count(*) filter (where r.home = p.target)::int as moved
    from plan p join wave w on w.plan_id = p.id join wave_account wa on wa.wave_id = w.id join route r on r.account_id = wa.account_id
    where p.state in ('running', 'paused') and p.started_at is not null
    group by p.id`.execute(store.db());
  return rows[0];
}
