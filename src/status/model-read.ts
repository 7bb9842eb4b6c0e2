/**
 * Reads the store into the site's model.
 *
 * Invariant: with the store gone the model is what was known last, and says of each component that nothing is measured,
 * and since when.
 */
import { COMPONENTS, type Component, type DeclaredUpdate } from '#incident/declared/api.ts';
import { readUpdates } from '#incident/declared/index.ts';
import type { Store } from '#store/index.ts';
import { componentStates, type States } from './state/component-state.ts';
import { type Facts, readFacts } from './state/facts.ts';
import { daysOf, noteStates, readSpans, sinceOf, type Span } from './state/history.ts';
import type { Forecast, PublicIncident, SiteModel } from './site/model.ts';

/** When what is being moved will have moved, and when those whom a trouble left behind are served again; undefined: nobody can tell yet. */
export type ReadForecasts = { plan(planId: number): Promise<Forecast | undefined>; restoration(): Promise<Forecast | undefined> };

export type Known = { readonly facts: Facts; readonly updates: readonly DeclaredUpdate[]; readonly spans: readonly Span[]; readonly forecast: Forecast | undefined; readonly restoration: Forecast | undefined };

/** Reads all, and notes the states of this minute. @throws as the store does */
export async function readKnown(store: Store, forecasts: ReadForecasts): Promise<Known> {
  const facts = await readFacts(store);
  const updates = await updatesOf(store, facts);
  await noteStates(store, componentStates(facts, lastUpdates(updates)));
  const [forecast, restoration, spans] = await Promise.all([facts.moving === undefined ? undefined : forecasts.plan(facts.moving.planId), forecasts.restoration(), readSpans(store)]);
  return { facts, updates, spans, forecast, restoration };
}

async function updatesOf(store: Store, { declared }: Facts): Promise<DeclaredUpdate[]> {
  const incidentIds = declared.map(({ id }) => id);
  const all: DeclaredUpdate[] = [];
  for (;;) {
    const more = await readUpdates(store, { afterId: all.at(-1)?.id ?? 0, incidentIds });
    if (more.length === 0) return all;
    all.push(...more);
  }
}

const lastUpdates = (updates: readonly DeclaredUpdate[]): Map<string, number> => new Map(updates.map(({ incidentId, at }) => [incidentId, at]));

/** @param measured false: the store did not answer now */
export function statesOf(known: Known | undefined, measured: boolean, now: number): States {
  const facts = known?.facts ?? { at: now, incidents: [], signIns: { answered: 0, unavailable: 0 }, deliveries: { delivered: 0, deferred: 0 }, moving: undefined, declared: [], heardAt: undefined };
  return componentStates(measured ? facts : { ...facts, at: now, heardAt: undefined }, lastUpdates(known?.updates ?? []));
}

/** @param beganAt when this process began: nothing was measured before */
export function modelOf(known: Known | undefined, options: Pick<SiteModel, 'provider' | 'zone' | 'links'> & { readonly now: number; readonly measured: boolean; readonly beganAt: number }): SiteModel {
  const { provider, zone, links, now, measured, beganAt } = options;
  const states = statesOf(known, measured, now);
  const spans = known?.spans ?? [];
  const byComponent = <T>(of: (component: Component) => T): Record<Component, T> => Object.fromEntries(COMPONENTS.map((component) => [component, of(component)])) as Record<Component, T>;
  const since = Object.fromEntries(COMPONENTS.map((component) => [component, sinceOf(spans, component, states[component].level)] as const).filter(([, at]) => at !== undefined));
  const incidents = (known?.facts.declared ?? []).filter((each) => each.public).map((each): PublicIncident => ({ ...each, updates: (known?.updates ?? []).filter(({ incidentId }) => incidentId === each.id).toReversed() }));
  const moving = known?.facts.moving;
  return {
    provider, zone, links, states, since, incidents,
    writtenAt: now,
    measuredAt: measured ? now : (known?.facts.at ?? beganAt),
    days: byComponent((component) => daysOf(spans, component, now, zone)),
    restoration: measured ? known?.restoration : undefined,
    moving: moving === undefined ? undefined : { ...moving, forecast: known?.forecast },
  };
}
