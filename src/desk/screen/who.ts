/** Who an account is: names, state, home and authority, and by what its owner signs in. One statement. */
import { sql } from 'kysely';
import type { Store } from '#store/index.ts';
import type { ChangeEvidence, Who } from './evidence.ts';
import { without } from './without.ts';

/** A family's aliases are tens; of a catch-all role there may be hundreds, which nobody reads on a call. */
const NAMES = 50;
const CHANGES = 30;

/** Undefined: there is no such account. */
export async function readWho(store: Store, accountId: number): Promise<{ who: Who; changes: readonly ChangeEvidence[] } | undefined> {
  const { rows } = await sql<{ who: Record<string, unknown>; changes: ChangeEvidence[] }>`
    select
      (select array(
        select jsonb_build_object('at', ${ms(sql`u.at`)}, 'actor', u.actor, 'act', u.act) || case when u.why is null then '{}' else jsonb_build_object('why', u.why) end
        from audit u where u.subject = 'account:' || a.id order by u.id desc limit ${CHANGES})) as changes,
      jsonb_build_object(
        'id', a.id, 'address', a.address, 'state', a.state, 'home', r.home, 'authority', a.authority, 'epoch', r.epoch, 'credentialVersion', a.credential_version,
        'name', nullif(c.name, ''), 'customerNumber', nullif(c.number, ''), 'phones', coalesce(to_jsonb(c.phones), '[]'),
        'loginNames', array(select l.name from login_name l where l.account_id = a.id order by l.name limit ${NAMES}),
        'recipients', array(select p.address from recipient p where p.account_id = a.id order by p.address limit ${NAMES}),
        'hashHeld', exists (select from secret_hash h where h.account_id = a.id),
        'secretChangedAt', (select ${ms(sql`max(f.at)`)} from former_hash f where f.account_id = a.id),
        'secondStep', (select jsonb_build_object('everywhere', t.everywhere) from second_step t where t.account_id = a.id),
        'passkeys', (select count(*) from passkey k where k.account_id = a.id),
        'webSessions', (select count(*) from web_session s where s.account_id = a.id and s.ended_at is null and s.made_at > now() - interval '30 days'),
        'appPasswords', (
          select coalesce(jsonb_agg(jsonb_build_object('id', w.id, 'label', w.label, 'scope', w.scope, 'createdAt', ${ms(sql`w.created_at`)}, 'lastUsedAt', ${ms(sql`w.last_used_at`)}) order by w.id), '[]')
          from app_password w where w.account_id = a.id and w.revoked_at is null)
      ) as who
    from account a join route r on r.account_id = a.id left join customer c on c.account_id = a.id
    where a.id = ${accountId}
  `.execute(store.db());
  const [row] = rows;
  if (row === undefined) return undefined;
  return { who: without(row.who) as unknown as Who, changes: row.changes };
}

/** A time as the evidence has it: whole ms since the epoch. */
export function ms(time: ReturnType<typeof sql>): ReturnType<typeof sql> {
  return sql`floor(extract(epoch from ${time}) * 1000)::bigint`;
}
