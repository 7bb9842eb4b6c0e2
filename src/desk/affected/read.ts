/**
 * Counts and lists of accounts by what was seen of their sign-ins lately.
 *
 * Invariants: an account counts once for each value. Only rows that were written lately are read (by their own index),
 * not what is kept of a month. A program's name is guessed here and joined in the store, so that accounts with two
 * versions of one program count once.
 */
import { sql, type RawBuilder } from 'kysely';
import type { Store } from '#store/index.ts';
import { deviceOf } from '../screen/device.ts';
import { ms } from '../screen/who.ts';
import { type AffectedAccount, type AffectedCounts, type AffectedQuery, type Part, PARTS } from './api.ts';

/** What a device does all day is written once an hour (signin/history.ts), and half an hour for the writing. */
const LATELY_MS = 90 * 60_000;
/** Of a part; more are no picture. */
const VALUES = 50;
/** Names of programs: what is said beyond them is "not known". */
const DEVICES = 5_000;
const NOT_KNOWN = 'not known';
const GONE_SECONDS = 60;

export const sinceOf = ({ since }: AffectedQuery, now: number): number => since ?? now - LATELY_MS;

/** Rows of accounts, as the filter wants them: account_id, address, platform, wave, incident, protocol, client, verdict, reason, last_at. */
async function fitting(store: Store, query: AffectedQuery): Promise<RawBuilder<unknown>> {
  const since = new Date(sinceOf(query, store.clock.now()));
  const { rows } = await sql<{ device: string }>`select distinct device from sign_in_seen where last_at >= ${since} and device <> '' limit ${DEVICES}`.execute(store.db());
  const clients = rows.map(({ device }) => deviceOf(device) ?? NOT_KNOWN);
  const { platform, wave, protocol, client, verdict, reason, incident, out } = query;
  const all = sql`
    select s.account_id, a.address, r.home as platform, v.number as wave, s.protocol, coalesce(d.client, ${NOT_KNOWN}) as client, s.reason, s.last_at,
      case s.outcome when 'waiting' then 'unavailable' when 'code-asked' then 'accepted' when 'app-password-needed' then 'stopped' else s.outcome end as verdict,
      k.account_id is not null or exists (select from incident i where i.platform in (r.home, a.authority) and i.ended_at is null and i.seen_at > now() - make_interval(secs => ${GONE_SECONDS})) as incident
    from sign_in_seen s
    join account a on a.id = s.account_id
    join route r on r.account_id = s.account_id
    left join unnest(${rows.map(({ device }) => device)}::text[], ${clients}::text[]) as d (device, client) on d.device = s.device
    left join (select wa.account_id, w.number from wave_account wa join wave w on w.id = wa.wave_id where w.plan_id = (select max(id) from plan)) v on v.account_id = s.account_id
    left join (select distinct account_id from desk_case where incident_id is not null and state in ('open', 'waiting')) k on k.account_id = s.account_id
    where s.last_at >= ${since}`;
  const wanted = [
    platform === undefined ? undefined : sql`f.platform = ${platform}`,
    wave === undefined ? undefined : sql`coalesce(f.wave, 0) = ${wave}`,
    protocol === undefined ? undefined : sql`f.protocol = ${protocol}`,
    client === undefined ? undefined : sql`f.client = ${client}`,
    verdict === undefined ? undefined : sql`f.verdict = ${verdict}`,
    reason === undefined ? undefined : sql`f.reason = ${reason}`,
    incident === undefined ? undefined : sql`f.incident = ${incident === 'in'}`,
    out === true
      ? sql`f.account_id in (
          select s.account_id from sign_in_seen s where s.last_at >= ${since} group by s.account_id
          having max(s.last_at) filter (where s.outcome in ('accepted', 'code-asked')) is null
            or max(s.last_at) filter (where s.outcome not in ('accepted', 'code-asked')) > max(s.last_at) filter (where s.outcome in ('accepted', 'code-asked')))`
      : undefined,
  ].filter((each) => each !== undefined);
  return sql`select f.* from (${all}) f ${wanted.length === 0 ? sql`` : sql`where ${sql.join(wanted, sql` and `)}`}`;
}

/** @throws as the store does */
export async function countAffected(store: Store, query: AffectedQuery): Promise<AffectedCounts> {
  const at = store.clock.now();
  const { rows } = await sql<{ part: Part | 'all'; value: string; accounts: number }>`
    with f as materialized (${await fitting(store, query)}),
    p as (
      select distinct p.part, p.value, f.account_id from f cross join lateral (values
        ('all', ''), ('platform', f.platform), ('wave', coalesce(f.wave::text, 'none')), ('protocol', f.protocol), ('client', f.client),
        ('verdict', f.verdict), ('reason', f.reason), ('incident', case when f.incident then 'in' else 'out' end)) as p (part, value)
    )
    select part, value, count(*)::int as accounts from p group by part, value order by accounts desc, value
  `.execute(store.db());
  const by = Object.fromEntries(
    PARTS.map((part) => [part, rows.filter((row) => row.part === part && !(part === 'reason' && row.value === '')).slice(0, VALUES).map(({ value, accounts }) => ({ value, accounts }))]),
  ) as Record<Part, { value: string; accounts: number }[]>;
  return { at, since: sinceOf(query, at), accounts: rows.find(({ part }) => part === 'all')?.accounts ?? 0, by };
}

/** Accounts with ids above `after`, in their order. @throws as the store does */
export async function listAffected(store: Store, query: AffectedQuery, { after, limit }: { readonly after: number; readonly limit: number }): Promise<AffectedAccount[]> {
  const { rows } = await sql<Omit<AffectedAccount, 'wave'> & { wave: number | null }>`
    select f.account_id as id, f.address, f.platform, f.wave, f.incident, array_agg(distinct f.protocol) as protocols, array_agg(distinct f.client) as clients,
      array_agg(distinct f.verdict) as verdicts, coalesce(array_agg(distinct f.reason) filter (where f.reason <> ''), '{}') as reasons, ${ms(sql`max(f.last_at)`)} as "lastAt"
    from (${await fitting(store, query)}) f where f.account_id > ${after}
    group by f.account_id, f.address, f.platform, f.wave, f.incident order by f.account_id limit ${limit}
  `.execute(store.db());
  return rows.map(({ wave, ...row }) => ({ ...row, ...(wave === null ? {} : { wave }) }));
}
