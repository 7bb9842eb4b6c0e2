/** Reads accounts with all that hangs on them, as the mirror and the CLI want them. */
import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Store, Tx } from '#store/index.ts';
import type { Account, AccountState, HashOrigin } from './account.ts';
import { canonical, recipientCandidates } from './names.ts';
import type { Phase, Route, Stage } from './route/route.ts';

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
  loginNames: string[];
  recipients: string[];
  home: string;
  phase: Phase;
  epoch: number;
  stage: Stage | null;
};

async function read(reader: Reader, where: RawBuilder<unknown>): Promise<Entry[]> {
  const { rows } = await sql<Row>`
    select a.id, a.address, a.state, a.authority, a.credential_version as "credentialVersion", h.origin, h.hash,
      array(select l.name from login_name l where l.account_id = a.id order by l.name) as "loginNames",
      array(select p.address from recipient p where p.account_id = a.id order by p.address) as recipients,
      r.home, r.phase, r.epoch, r.stage
    from account a
    join route r on r.account_id = a.id
    left join secret_hash h on h.account_id = a.id
    where ${where}
  `.execute(reader.db());
  return rows.map(({ origin, hash, home, phase, epoch, stage, ...account }) => ({
    account: origin === null || hash === null ? account : { ...account, hash: { encoded: hash, origin } },
    route: { accountId: account.id, home, phase, epoch, stage },
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
