/** What happened with a plan, the newest first: what people and the runner did, failed moves, incidents. Nothing here writes. */
import { sql } from 'kysely';
import type { ConsoleState, TimelineEntry } from '#cutover/api.ts';
import type { Plan } from '#cutover/records.ts';
import { readDeclared } from '#incident/declared/index.ts';
import type { Store } from '#store/index.ts';

const SHOWN = 100;
/** Of failed moves: the list of them is elsewhere. */
const FAILURES = 10;
/** Rows of the audit that are looked through for what was done to accounts: some milliseconds, with a wave of a large provider among them. */
const LOOKED_THROUGH = 50_000;

export async function timelineOf(store: Store, plan: Plan, failures: ConsoleState['failures']): Promise<TimelineEntry[]> {
  const since = plan.started_at ?? new Date(store.clock.now());
  const until = plan.ended_at ?? new Date(store.clock.now());
  const [done, toAccounts, seen, declared] = await Promise.all([
    sql<{ at: Date; act: string; actor: string; why: string | null; detail: { wave?: string; accounts?: number; leftBehind?: number } | null }>`
      select at, act, actor, why, detail from audit where subject = ${plan.name} and act like 'cutover.%' order by id desc limit ${SHOWN}`.execute(store.db()),
    // Those of one list were done in one transaction: one entry. A wave that goes back has an entry of its own.
    sql<{ at: Date; act: string; actor: string; why: string | null; accounts: number; about: string | null; wave: string | null }>`
      select a.at, a.act, a.actor, a.why, count(*)::int as accounts, min(c.address) as about, min(a.detail ->> 'to') as wave
      from audit a left join account c on a.subject = 'account:' || c.id
      where a.act in ('cutover.hold-back', 'cutover.let-go', 'cutover.place', 'move.rollback') and a.at between ${since} and ${until}
        and a.id > (select max(id) from audit) - ${LOOKED_THROUGH}::int
        and not (a.act = 'move.rollback' and exists (select from audit w where w.subject = ${plan.name} and w.act = 'cutover.roll-back' and w.actor = a.actor and w.why is not distinct from a.why))
      group by a.at, a.act, a.actor, a.why order by a.at desc limit ${SHOWN}`.execute(store.db()),
    sql<{ kind: string; platform: string; beganAt: Date; endedAt: Date | null; accounts: number }>`
      select kind, platform, began_at as "beganAt", ended_at as "endedAt", accounts from incident
      where began_at between ${since} and ${until} order by began_at desc limit ${SHOWN}`.execute(store.db()),
    readDeclared(store, { since: since.getTime() }),
  ]);
  const entry = (at: Date | string, act: string, more: Partial<TimelineEntry> = {}): TimelineEntry => ({
    at: typeof at === 'string' ? at : at.toISOString(), act, actor: '', why: null, wave: null, accounts: null, about: null, ...more,
  });
  return [
    ...done.rows.map(({ at, act, actor, why, detail }) => entry(at, act, { actor, why, wave: detail?.wave ?? null, accounts: detail?.leftBehind ?? (typeof detail?.accounts === 'number' ? detail.accounts : null) })),
    ...seen.rows.flatMap(({ kind, platform, beganAt, endedAt, accounts }) => [
      entry(beganAt, `incident.${kind}`, { about: platform }),
      ...(endedAt === null ? [] : [entry(endedAt, 'incident.over', { about: platform, accounts })]),
    ]),
    ...declared.filter(({ beganAt }) => beganAt <= until.getTime()).flatMap(({ title, beganAt, endedAt, openedBy }) => [
      entry(new Date(beganAt), 'incident.declared', { actor: openedBy, about: title }),
      ...(endedAt === undefined ? [] : [entry(new Date(endedAt), 'incident.resolved', { about: title })]),
    ]),
    ...failures.slice(0, FAILURES).flatMap(({ endedAt, address, wave, error }) => (endedAt === null ? [] : [entry(endedAt, 'move.failed', { about: address, wave, why: error })])),
    ...toAccounts.rows.map(({ at, act, actor, why, accounts, about, wave }) => entry(at, act, { actor, why, wave, accounts, about: accounts === 1 ? about : null })),
  ].sort((a, b) => (a.at < b.at ? 1 : -1)).slice(0, SHOWN);
}
