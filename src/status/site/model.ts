/** All that the site's files are made of. Plain data: the same model gives the same files. */
import type { Component, Declared, DeclaredUpdate } from '#incident/declared/api.ts';
import { COMPONENTS } from '#incident/declared/api.ts';
import { type Level, worse } from '../api.ts';
import type { States } from '../state/component-state.ts';
import type { Moving } from '../state/facts.ts';
import type { Day } from '../state/history.ts';

/** When the last of what is being moved will have moved; a range, ms. */
export type Forecast = { readonly fromAt: number; readonly toAt: number; readonly madeAt: number };

export type PublicIncident = Declared & { readonly updates: readonly DeclaredUpdate[] };

export type SiteModel = {
  readonly provider: string;
  /** IANA. */
  readonly zone: string;
  readonly writtenAt: number;
  /** Before `writtenAt` where the store does not answer. */
  readonly measuredAt: number;
  readonly states: States;
  readonly since: Readonly<Partial<Record<Component, number>>>;
  readonly days: Readonly<Record<Component, readonly Day[]>>;
  /** Public ones, the latest first; the updates of each, the latest first. */
  readonly incidents: readonly PublicIncident[];
  readonly moving: (Moving & { readonly forecast: Forecast | undefined }) | undefined;
  /** When those whom a trouble left behind will be served again. */
  readonly restoration: Forecast | undefined;
  readonly links: Links;
};

/** Absolute URLs; undefined: there is no such thing. `app`: what is answered by code; `letters`: where letters are asked for. */
export type Links = { readonly site: string | undefined; readonly app: string | undefined; readonly letters: string | undefined; readonly webmail: string | undefined };

export function overall(states: States): Level {
  return COMPONENTS.reduce<Level>((sofar, component) => worse(sofar, states[component].level), 'ok');
}

/** What is wrong now; planned work counts from its beginning. */
export const isOpen = (each: Declared): boolean => each.endedAt === undefined && each.planned === undefined;
/** Planned work that was forgotten to be ended is not shown for ever. */
export const isPlanned = (each: Declared, now: number): boolean => each.endedAt === undefined && each.planned !== undefined && each.planned.until > now - 3_600_000;
