/** All that the console shows of a plan, in one look. Nothing here writes. */
import type { ConsoleState, ForecastShape, WaveShape } from '#cutover/api.ts';
import { standingOf } from '#cutover/acts.ts';
import { type Forecast, forecastOfRestoration, forecastQuality, forecastsOf, revisionsOf } from '#cutover/forecast/index.ts';
import { heldBack } from '#cutover/hold-back.ts';
import { possibleRollback } from '#cutover/possible.ts';
import type { Plan, WaveProgress } from '#cutover/records.ts';
import type { CutoverTables } from '#cutover/tables.ts';
import { openMoves } from '#mover/index.ts';
import type { Store } from '#store/index.ts';
import { compare, gatesOverTime } from './gate-history.ts';
import { backOf, countOpen, failuresOf, holdsOf, lagOf, type WaveBack } from './move-figures.ts';
import { spanOf } from './places.ts';
import { timelineOf } from './timeline.ts';

/** Plans in the list to choose from. */
const PLANS = 50;
/** Points of the forecast's picture. */
const REVISIONS = 120;

/** @param name the newest plan without it @throws CausewayError `not-found` when there is none of that name */
export async function consoleStateOf(store: Store, name?: string): Promise<ConsoleState> {
  const names = (await store.db<CutoverTables>().selectFrom('plan').select('name').orderBy('id', 'desc').limit(PLANS).execute()).map((row) => row.name);
  if (names.length === 0 && name === undefined) return nothingYet(store);
  const { plan, waves, gates, acts } = await standingOf(store, name);
  const span = spanOf(plan.started_at, plan.ended_at, store.clock.now());
  const [forecasts, planForecasts, back, held, failures] = await Promise.all([
    forecastsOf(store, 'wave', waves.map(({ id }) => id)),
    forecastsOf(store, 'plan', [plan.id]),
    backOf(store, plan),
    heldBack(store),
    failuresOf(store, plan.id),
  ]);
  const [gatesShown, comparison, moves, open, holds, lag] = await Promise.all([
    gatesOverTime(store, plan, gates, span),
    compare(store, plan, span),
    openMoves(store),
    countOpen(store),
    holdsOf(store, plan.id),
    lagOf(store, plan),
  ]);
  const [revisions, restoration, record, timeline] = await Promise.all([
    revisionsOf(store, 'plan', plan.id, REVISIONS),
    forecastOfRestoration(store),
    forecastQuality(store),
    timelineOf(store, plan, failures),
  ]);
  const going = plan.state === 'running' || plan.state === 'paused';
  return {
    at: new Date(store.clock.now()).toISOString(),
    plans: names,
    plan: { id: plan.id, name: plan.name, source: plan.source, target: plan.target, state: plan.state, reason: plan.reason, startedAt: iso(plan.started_at), endedAt: iso(plan.ended_at), forecast: going ? shape(planForecasts.get(plan.id)) : null, acts },
    waves: waves.map((wave) => waveShape(plan, wave, back.get(wave.id), going ? forecasts.get(wave.id) : undefined)),
    gates: gatesShown,
    comparison,
    moves: moves.map(({ id, accountId, address, source, target, state, messages, bytes, copiedMessages, copiedBytes, attempt, error, startedAt }) => ({ id, accountId, address, source, target, state, messages, bytes, copiedMessages, copiedBytes, attempt, error, startedAt: iso(startedAt) })),
    openMoves: open,
    failures,
    heldBack: held.map(({ at, ...each }) => ({ ...each, at: at.toISOString() })),
    holds,
    lag,
    revisions: revisions.flatMap((each) => shape(each) ?? []),
    restoration: shape(restoration),
    record,
    timeline,
  };
}

function waveShape(plan: Plan, wave: WaveProgress, back: WaveBack | undefined, forecast: Forecast | undefined): WaveShape {
  const { id, number, name, state, accounts, moved, failed, inFlight, queued, heldBack: held, startedAt, endedAt } = wave;
  return {
    id, number, name, state, accounts, moved, failed, inFlight, queued, heldBack: held, rolledBack: back?.rolledBack ?? 0, goingBack: back?.goingBack ?? 0,
    startedAt: iso(startedAt), endedAt: iso(endedAt), forecast: shape(forecast), rollback: possibleRollback(plan.state, back?.there ?? 0),
  };
}

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

function shape(forecast: Forecast | undefined): ForecastShape | null {
  if (forecast === undefined) return null;
  const { kind, id, madeAt, fromAt, likelyAt, toAt, basis } = forecast;
  return { kind, id, madeAt: madeAt.toISOString(), fromAt: fromAt.toISOString(), likelyAt: likelyAt.toISOString(), toAt: toAt.toISOString(), basis };
}

async function nothingYet(store: Store): Promise<ConsoleState> {
  return {
    at: new Date(store.clock.now()).toISOString(), plans: [], plan: null, waves: [], gates: [], comparison: { bucketSeconds: 5, moved: [], notYet: [] }, moves: [], openMoves: 0, failures: [],
    heldBack: (await heldBack(store)).map(({ at, ...each }) => ({ ...each, at: at.toISOString() })),
    holds: { count: 0, p50: null, p95: null, longest: null, recent: [] }, lag: { following: 0, seconds: 0, worst: [] }, revisions: [],
    restoration: shape(await forecastOfRestoration(store)), record: await forecastQuality(store), timeline: [],
  };
}
