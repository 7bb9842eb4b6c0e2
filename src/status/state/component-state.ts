/**
 * How each component is, from what was measured and from what people declared.
 *
 * Invariants: what machines see shows, whether or not anybody remembered to declare it. A declaration that everybody forgot
 * to close does not stand against measurements for ever: after some hours without an update what is measured and well is
 * shown as well. Where no instance tells of itself nothing is "ok". Pure.
 */
import { COMPONENTS, type Component, type Impact } from '#incident/declared/api.ts';
import type { Declared } from '#incident/declared/index.ts';
import { type Level, worse } from '../api.ts';
import type { Facts } from './facts.ts';

export type ComponentState = {
  readonly level: Level;
  /** For staff: what it was derived from. */
  readonly why: readonly string[];
};
export type States = Readonly<Record<Component, ComponentState>>;

/** Instances say every five seconds that they live; a store that restarts takes some. */
const SILENT_MS = 60_000;
/** Fewer in five minutes say nothing of a share. */
const ENOUGH = 20;
/** Shares without a verdict: one in twenty is what a desk begins to hear of, at half of them it is out of order. */
const DEGRADED = 0.05;
const DOWN = 0.5;
/** Platforms defer some mail every day. */
const DEFERRED = 0.1;
/** The longest between two updates on a bad day. */
const FORGOTTEN_MS = 4 * 3_600_000;

/** By which component customers know a protocol of ours. */
const PROTOCOLS: Readonly<Record<string, Component>> = { webmail: 'webmail', imap: 'imap', pop3: 'pop3', submission: 'sending' };
const IMPACT_LEVEL: Readonly<Record<Impact, Level>> = { minor: 'degraded', major: 'degraded', critical: 'down' };

/** @param updatedAt when each declared incident's last update was written, ms, by its id */
export function componentStates(facts: Facts, updatedAt: ReadonlyMap<string, number>): States {
  const measured = fromMachines(facts);
  const entries = COMPONENTS.map((component): [Component, ComponentState] => {
    const { level, why, proven } = measured[component];
    const said = facts.declared
      .filter((each) => each.public && each.components.includes(component))
      .map((each) => fromPerson(each, facts.at, proven && level === 'ok' ? updatedAt.get(each.id) : undefined))
      .filter((each) => each !== undefined);
    return [component, { level: said.reduce((sofar, each) => worse(sofar, each.level), level), why: [...why, ...said.map((each) => each.why)] }];
  });
  return Object.fromEntries(entries) as States;
}

/** `proven`: measured just now, not only without a bad sign. */
type Measured = { level: Level; why: string[]; proven: boolean };

function fromMachines(facts: Facts): Record<Component, Measured> {
  const { at, heardAt, incidents, signIns, deliveries, moving } = facts;
  const all = Object.fromEntries(COMPONENTS.map((component) => [component, { level: 'ok', why: [], proven: false } as Measured])) as unknown as Record<Component, Measured>;
  const put = (component: Component, level: Level, why: string): void => {
    const one = all[component];
    one.level = worse(one.level, level);
    one.why.push(why);
  };
  if (heardAt === undefined || at - heardAt > SILENT_MS) {
    for (const component of COMPONENTS) put(component, 'unknown', 'no instance tells of itself');
    return all;
  }
  const asked = signIns.answered + signIns.unavailable;
  const unavailable = share(signIns.unavailable, signIns.answered);
  const signInLevel: Level = unavailable === undefined || unavailable < DEGRADED ? 'ok' : unavailable < DOWN ? 'degraded' : 'down';
  if (unavailable !== undefined) {
    for (const component of ['sign-in', 'webmail', 'imap', 'pop3', 'sending'] as const) all[component].proven = true;
    if (signInLevel !== 'ok') put('sign-in', signInLevel, `${percent(unavailable)} of ${asked} sign-ins got no verdict in five minutes`);
  }
  for (const { kind, protocols } of incidents) {
    put('sign-in', 'degraded', kind === 'sentinel' ? 'a platform does not accept a secret that is right' : 'known customers are refused');
    for (const protocol of protocols) {
      const component = PROTOCOLS[protocol];
      // The figures are of all protocols together: they name none that is out of order, but this incident does.
      if (component !== undefined) put(component, signInLevel === 'down' ? 'down' : 'degraded', `known customers are refused by ${protocol}`);
    }
  }
  const deferred = share(deliveries.deferred, deliveries.delivered);
  if (deferred !== undefined) {
    all.receiving.proven = true;
    if (deferred >= DEFERRED) put('receiving', deferred < DOWN ? 'degraded' : 'down', `${percent(deferred)} of deliveries were put off in five minutes`);
  }
  if (moving?.paused === true) put('moving', 'degraded', 'the plan is paused');
  else if (moving !== undefined) all.moving.proven = true;
  return all;
}

/** @param provenUpdatedAt its last update's time, where what is measured is well */
function fromPerson({ title, impact, planned, endedAt }: Declared, now: number, provenUpdatedAt: number | undefined): { level: Level; why: string } | undefined {
  if (endedAt !== undefined) return undefined;
  if (planned !== undefined) return now >= planned.from && now < planned.until ? { level: 'planned', why: `planned: ${title}` } : undefined;
  if (provenUpdatedAt !== undefined && now - provenUpdatedAt > FORGOTTEN_MS) return { level: 'ok', why: `declared, but measured well, and without an update for hours: ${title}` };
  return { level: IMPACT_LEVEL[impact], why: `declared: ${title}` };
}

/** Undefined: too few. */
function share(bad: number, good: number): number | undefined {
  return bad + good < ENOUGH ? undefined : bad / (bad + good);
}

const percent = (value: number): string => `${Math.round(value * 100)} %`;
