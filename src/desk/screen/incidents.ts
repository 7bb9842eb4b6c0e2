/** Which incidents touch an account: those that the machine saw, by platform, and those that people declared, by what it uses. */
import { sql } from 'kysely';
import type { Component } from '#incident/declared/api.ts';
import { readDeclared } from '#incident/declared/index.ts';
import type { IncidentKind } from '#incident/incident.ts';
import type { Store } from '#store/index.ts';
import type { IncidentEvidence, MoveEvidence, SignInEvidence, Who } from './evidence.ts';

/** What ended within it may be what the customer calls about. */
const LATELY = '1 day';
const LATELY_MS = 86_400_000;
/** As `openIncidents` has it: of an instance that is gone. */
const GONE_SECONDS = 60;
const MOST = 50;

type Machine = { id: string; kind: IncidentKind; platform: string; protocols: string[]; beganAt: Date; endedAt: Date | null; accounts: number };

/** The latest first. Those whose platform has the final word on the account's secret, or is its home. */
export async function machineIncidents(store: Store, { authority, home }: Pick<Who, 'authority' | 'home'>): Promise<IncidentEvidence[]> {
  const { rows } = await sql<Machine>`
    select id, kind, platform, protocols, began_at as "beganAt", coalesce(ended_at, case when seen_at < now() - make_interval(secs => ${GONE_SECONDS}) then seen_at end) as "endedAt", accounts
    from incident
    where platform in (${authority}, ${home}) and began_at > now() - interval '30 days'
      and coalesce(ended_at, seen_at) > now() - ${LATELY}::interval
    order by began_at desc limit ${MOST}
  `.execute(store.db());
  return rows.map(({ beganAt, endedAt, ...incident }) => ({ seen: 'machine', ...incident, beganAt: beganAt.getTime(), ...(endedAt === null ? {} : { endedAt: endedAt.getTime() }) }));
}

/** By what customers use each; what has none concerns all. */
const PROTOCOLS: Readonly<Partial<Record<Component, string>>> = { webmail: 'webmail', imap: 'imap', pop3: 'pop3', sending: 'submission' };

type Uses = { readonly signIns: readonly Pick<SignInEvidence, 'protocol'>[]; readonly move: Pick<MoveEvidence, 'phase' | 'wave'>; /** Incidents that its cases are attached to. */ readonly attached: ReadonlySet<string> };

/** The latest first. Planned work is among them once it is under way. */
export async function declaredIncidents(store: Store, { signIns, move, attached }: Uses): Promise<IncidentEvidence[]> {
  const used = new Set(signIns.map(({ protocol }) => protocol));
  const touches = (component: Component): boolean => {
    if (component === 'moving') return move.phase !== 'settled' || move.wave?.state === 'running';
    const protocol = PROTOCOLS[component];
    return protocol === undefined || used.has(protocol);
  };
  const declared = await readDeclared(store, { since: store.clock.now() - LATELY_MS });
  return declared
    .filter(({ id, state, components }) => attached.has(id) || (state !== 'planned' && components.some(touches)))
    .slice(0, MOST)
    .map(({ id, title, components, state, impact, beganAt, endedAt }) => ({ seen: 'people', id, title, components, state, impact, beganAt, ...(endedAt === undefined ? {} : { endedAt }), attached: attached.has(id) }));
}
