/**
 * Handing over whose word on a secret is final.
 *
 * Invariants: the authority becomes ours only where the secret is known to us (a hash that the platform's acceptance
 * proved lately, or that was set through us), and the home lets us in without it: from then on a secret that the platform has
 * does not matter. It goes back to a platform only while that has the same secret as we. Neither raises the credential
 * version: what was right stays right, and no device notices.
 */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { auditEach, recordChanges } from '#store/index.ts';
import type { Tx } from '#store/index.ts';
import { OURS } from '../account.ts';
import type { HashOrigin } from '../account.ts';
import { ACCOUNT_TOPIC } from '../topic.ts';
import type { By, PlatformFacts } from './facts.ts';

export type HandOverResult = {
  /** Those whose authority changed. */
  readonly done: readonly number[];
  /** Those that had it already. */
  readonly unchanged: readonly number[];
  readonly refused: readonly { readonly accountId: number; readonly address: string; readonly why: string }[];
};

/**
 * Who reads mail at all is proven daily. Who does not, may have changed the secret at the platform's own webmail: the old
 * one would become the right one.
 */
const PROVEN = '30 days';

/** A wave and more; their rows are locked for the second or two that it takes. */
const MOST = 50_000;

type Row = {
  id: number;
  address: string;
  authority: string;
  version: number;
  origin: HashOrigin | null;
  /** When its platform last accepted the secret that the hash is of; null without a hash. */
  provenAt: Date | null;
  /** That was too long ago. */
  old: boolean;
  home: string;
  formerAuthority: string | null;
  formerVersion: number | null;
  pushed: number | null;
  /** A platform was asked to change the secret, and has not answered. */
  asked: boolean;
};

/** @param ids ids that do not exist are left out of the answer @throws CausewayError('limit') for more than 50,000 */
export async function handOver(tx: Tx, ids: readonly number[], { by, facts }: { by: By; facts: PlatformFacts }): Promise<HandOverResult> {
  return change(tx, ids, OURS, { by, facts }, ({ origin, provenAt, old, home, authority, asked }) => {
    // It may have taken the new one already: what we hold may be the wrong one.
    if (asked) return `${authority} was asked to change its secret, and has not answered yet`;
    if (origin === null) return 'no hash of its secret: it is learnt at the next sign-in that its platform accepts';
    if (origin === 'imported') return 'its imported hash was never confirmed: it is at the next sign-in that its platform accepts';
    if (old) return `its platform last accepted what we hold on ${provenAt?.toISOString().slice(0, 10) ?? '?'}: it may have changed since, and is learnt at the next sign-in`;
    if (!facts.opens.has(home)) return `${home} lets us in only with the customer's secret`;
    return undefined;
  });
}

/** @throws CausewayError('input') for a platform that is not in the configuration; CausewayError('limit') */
export async function handBack(tx: Tx, ids: readonly number[], platform: string, { by, facts }: { by: By; facts: PlatformFacts }): Promise<HandOverResult> {
  if (!facts.names.includes(platform)) throw new CausewayError('input', `the configuration has no platform "${platform}"`);
  return change(tx, ids, platform, { by, facts }, ({ authority, version, formerAuthority, formerVersion, pushed }) => {
    if (authority !== OURS) return `the authority is ${authority}`;
    if (pushed === version) return undefined;
    if (formerAuthority === platform && formerVersion === version) return undefined;
    return facts.told.get(platform) === undefined || facts.told.get(platform) === 'none'
      ? `${platform} does not have the present secret, and no provisioner tells it`
      : `${platform} has not taken the present secret yet`;
  });
}

async function change(
  tx: Tx,
  ids: readonly number[],
  to: string,
  { by }: { by: By; facts: PlatformFacts },
  faultOf: (row: Row) => string | undefined,
): Promise<HandOverResult> {
  if (ids.length > MOST) throw new CausewayError('limit', `${ids.length} accounts at once, more than ${MOST}`);
  const { rows } = await sql<Row>`
    select a.id, a.address, a.authority, a.credential_version as version, h.origin, r.home,
      h.at as "provenAt", coalesce(h.at < now() - ${PROVEN}::interval, false) as old,
      a.former_authority as "formerAuthority", a.former_version as "formerVersion", p.version as pushed,
      exists (
        select from outbox o
        where o.account_id = a.id and o.platform = a.authority and o.done_at is null and (o.detail->'confirm')::boolean) as asked
    from account a
    join route r on r.account_id = a.id
    left join secret_hash h on h.account_id = a.id
    left join secret_pushed p on p.account_id = a.id and p.platform = ${to}
    where a.id = any(${ids}::bigint[])
    order by a.id
    for no key update of a
  `.execute(tx.db());
  const unchanged = rows.filter(({ authority }) => authority === to).map(({ id }) => id);
  const judged = rows.filter(({ authority }) => authority !== to).map((row) => ({ row, why: faultOf(row) }));
  const done = judged.filter(({ why }) => why === undefined).map(({ row }) => row.id);
  if (done.length > 0) {
    await sql`
      update account set former_authority = case when ${to} = ${OURS} then authority else null end,
        former_version = case when ${to} = ${OURS} then credential_version else null end, authority = ${to}
      where id = any(${done}::bigint[])
    `.execute(tx.db());
  }
  await auditEach(tx, done.map((id) => `account:${id}`), { actor: by.actor, act: 'account.authority-handed-over', why: by.why, detail: { to } });
  await recordChanges(tx, ACCOUNT_TOPIC, done);
  return { done, unchanged, refused: judged.flatMap(({ row, why }) => (why === undefined ? [] : [{ accountId: row.id, address: row.address, why }])) };
}
