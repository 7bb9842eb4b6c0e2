/** Reads accounts with all that hangs on them, as the mirror and the CLI want them. */
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Store, Tx } from '#store/index.ts';
import type { Account, AccountState, AppPassword, HashOrigin, Passkey, SecondStep } from './account.ts';
import { canonical, recipientCandidates } from './names.ts';
import type { Phase, Route, Stage } from './route/route.ts';
import { MOST_PASSKEYS } from './secrets/passkey.ts';
import { FORMER, MOST_APP_PASSWORDS, REVOKED_KEPT } from './secrets/former.ts';
import { MOST_WEB_SESSIONS, PASS_KEPT } from './secrets/web-session.ts';

/** An account and its route: what the mirror holds, and a line of its file. */
export type Entry = { readonly account: Account; readonly route: Route };

/** Accounts read by one statement: a few dozen ms of the process and the store's each, far below a time-out. */
export const PAGE = 1_000;

type Reader = Store | Tx;

type Row = {
  id: number;
  address: string;
  state: AccountState;
  authority: string;
  credentialVersion: number;
  origin: HashOrigin | null;
  hash: string | null;
  former: string[];
  appPasswords: AppPassword[];
  revoked: string[];
  endedPasses: string[];
  passkeys: Passkey[];
  secondStep: SecondStep | null;
  platformLogins: Record<string, string> | null;
  ownRecipients: string[];
  unlocks: number | null;
  sessionsEndedAt: Date | null;
  loginNames: string[];
  recipients: string[];
  home: string;
  phase: Phase;
  epoch: number;
  stage: Stage | null;
  abandoned: boolean;
};

async function read(reader: Reader, where: RawBuilder<unknown>): Promise<Entry[]> {
  const { rows } = await sql<Row>`
    select a.id, a.address, a.state, a.authority, a.credential_version as "credentialVersion", h.origin, h.hash,
      array(select l.name from login_name l where l.account_id = a.id order by l.name) as "loginNames",
      array(select p.address from recipient p where p.account_id = a.id order by p.address) as recipients,
      array(select f.hash from former_hash f where f.account_id = a.id order by f.id desc limit ${FORMER}) as former,
      array(
        select jsonb_build_object('id', w.id, 'scope', w.scope, 'digest', encode(w.digest, 'base64'))
        from app_password w where w.account_id = a.id and w.revoked_at is null order by w.id) as "appPasswords",
      array(
        select encode(w.digest, 'base64') from app_password w
        where w.account_id = a.id and w.revoked_at > now() - ${REVOKED_KEPT}::interval order by w.revoked_at desc limit ${MOST_APP_PASSWORDS}) as revoked,
      array(
        select s.id from web_session s
        where s.account_id = a.id and s.ended_at is not null and s.made_at > now() - ${PASS_KEPT}::interval
        order by s.ended_at desc limit ${2 * MOST_WEB_SESSIONS}) as "endedPasses",
      array(
        select jsonb_build_object('id', k.id, 'publicKey', translate(encode(k.public_key, 'base64'), E'\\n', ''))
        from passkey k where k.account_id = a.id order by k.created_at limit ${MOST_PASSKEYS}) as passkeys,
      (
        select jsonb_build_object('sealed', translate(encode(t.sealed, 'base64'), E'\\n', ''), 'everywhere', t.everywhere)
        from second_step t where t.account_id = a.id) as "secondStep",
      (select jsonb_object_agg(n.platform, n.login) from platform_login n where n.account_id = a.id) as "platformLogins",
      array(select p.address from recipient p where p.account_id = a.id and p.ours order by p.address) as "ownRecipients",
      o.unlocks, o.sessions_ended_at as "sessionsEndedAt",
      r.home, r.phase, r.epoch, r.stage, r.abandoned
    from account a
    join route r on r.account_id = a.id
    left join secret_hash h on h.account_id = a.id
    left join desk_order o on o.account_id = a.id
    where ${where}
  `.execute(reader.db());
  return rows.map(({ origin, hash, former, appPasswords, revoked, endedPasses, passkeys, secondStep, platformLogins, ownRecipients, unlocks, sessionsEndedAt, home, phase, epoch, stage, abandoned, ...account }) => ({
    // What most accounts have none of is left out: it would be in memory and in the file 28,000 times.
    account: {
      ...account,
      ...(origin === null || hash === null ? {} : { hash: { encoded: hash, origin } }),
      ...(former.length === 0 ? {} : { former }),
      ...(appPasswords.length === 0 ? {} : { appPasswords }),
      ...(revoked.length === 0 ? {} : { revoked }),
      ...(endedPasses.length === 0 ? {} : { endedPasses }),
      ...(passkeys.length === 0 ? {} : { passkeys }),
      ...(secondStep === null ? {} : { secondStep }),
      ...(platformLogins === null ? {} : { platformLogins }),
      ...(ownRecipients.length === 0 ? {} : { ownRecipients }),
      ...(unlocks === null || unlocks === 0 ? {} : { unlocks }),
      ...(sessionsEndedAt === null ? {} : { sessionsEndedAt: sessionsEndedAt.getTime() }),
    },
    route: { accountId: account.id, home, phase, epoch, stage, ...(abandoned ? { abandoned } : {}) },
  }));
}

export function readEntries(reader: Reader, ids: readonly number[]): Promise<Entry[]> {
  return read(reader, sql`a.id = any(${ids}::bigint[])`);
}

export async function readAccountIds(reader: Reader): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`select id from account order by id`.execute(reader.db());
  return rows.map(({ id }) => id);
}

/** The entries of those login names that exist, keyed by the name in its stored form. */
export async function readByLogin(reader: Reader, names: readonly string[]): Promise<Map<string, Entry>> {
  const wanted = names.map(canonical);
  const entries = await read(
    reader,
    sql`a.id in (select l.account_id from login_name l where l.name = any(${wanted}::text[]))`,
  );
  return new Map(entries.flatMap((entry) => entry.account.loginNames.map((name) => [name, entry] as const)));
}

/** The entries that receive for those addresses, keyed by the recipient's stored form: see `recipientCandidates`. */
export async function readByRecipient(reader: Reader, addresses: readonly string[]): Promise<Map<string, Entry>> {
  const wanted = addresses.flatMap(recipientCandidates);
  const entries = await read(
    reader,
    sql`a.id in (select p.account_id from recipient p where p.address = any(${wanted}::text[]))`,
  );
  return new Map(entries.flatMap((entry) => entry.account.recipients.map((name) => [name, entry] as const)));
}

/** The account of that address, login name or recipient, in this order. For people who type one of them. */
export async function findAccount(reader: Reader, name: string): Promise<Entry | undefined> {
  const wanted = canonical(name);
  const [byAddress] = await read(reader, sql`a.address = ${wanted}`);
  if (byAddress !== undefined) return byAddress;
  const byLogin = (await readByLogin(reader, [wanted])).get(wanted);
  if (byLogin !== undefined) return byLogin;
  const byRecipient = await readByRecipient(reader, [wanted]);
  for (const candidate of recipientCandidates(wanted)) {
    const found = byRecipient.get(candidate);
    if (found !== undefined) return found;
  }
  return undefined;
}
