/** `status.json`, for programs: what the pages say (api.ts). */
import { COMPONENTS } from '#incident/declared/api.ts';
import type { StatusJson } from '../api.ts';
import { type Forecast, isOpen, isPlanned, overall, type SiteModel } from './model.ts';
import { iso } from './times.ts';

/** Those that are over, the latest. */
const OVER = 50;

export function statusJson(model: SiteModel): StatusJson {
  const { provider, writtenAt, measuredAt, states, since, incidents, moving, restoration } = model;
  const open = incidents.filter((each) => isOpen(each) || isPlanned(each, writtenAt));
  const over = incidents.filter(({ endedAt }) => endedAt !== undefined).slice(0, OVER);
  const when = (at: number | undefined): string | null => (at === undefined ? null : iso(at));
  return {
    provider,
    writtenAt: iso(writtenAt),
    measuredAt: iso(measuredAt),
    level: overall(states),
    components: COMPONENTS.map((component) => ({ component, level: states[component].level, since: when(since[component]) })),
    incidents: [...open, ...over].map(({ id, title, titleEs, components, state, impact, planned, beganAt, endedAt, updates }) => ({
      id, title, titleEs: titleEs ?? null, components: [...components], state, impact,
      planned: planned === undefined ? null : { from: iso(planned.from), until: iso(planned.until) },
      beganAt: iso(beganAt), endedAt: when(endedAt),
      updates: updates.map((update) => ({ id: update.id, at: iso(update.at), state: update.state, text: update.text, textEs: update.textEs ?? null })),
    })),
    moving:
      moving === undefined
        ? null
        : { moved: moving.moved, accounts: moving.accounts, paused: moving.paused, forecast: rangeOf(moving.forecast) },
    restoration: rangeOf(restoration),
  };
}

function rangeOf(forecast: Forecast | undefined): { from: string; to: string; madeAt: string } | null {
  return forecast === undefined ? null : { from: iso(forecast.fromAt), to: iso(forecast.toAt), madeAt: iso(forecast.madeAt) };
}
