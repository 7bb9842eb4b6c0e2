/**
 * uidl: under which POP3 ids an account's messages go on at a platform: one row for each platform that the account was
 * moved to, written in the transaction of the flip. `kept` is lines of `own kept` (wire/pop3/uidls.ts): a row is read
 * whole, once for each POP3 session at most, so it is no table of single ids.
 */
import { sql } from 'kysely';
import type { Migration, Store, Tx } from '#store/index.ts';

export type UidlRow = {
  /** Of the flip that it came with. */
  readonly epoch: number;
  readonly marked: boolean;
  readonly kept: string;
};

/** Ids of one account: 7 MB at some 70 bytes each, what a worker may hold for a session. Larger maildrops are not used by POP3. */
export const UIDLS_LIMIT = 100_000;

export const uidlMigrations: readonly Migration[] = [
  {
    name: '0010_uidl',
    sql: `
      create table uidl (
        account_id bigint not null references account,
        platform text not null,
        epoch bigint not null,
        marked boolean not null,
        kept text not null,
        primary key (account_id, platform)
      );
    `,
  },
];

export async function saveUidls(tx: Tx, accountId: number, platform: string, { epoch, marked, kept }: UidlRow): Promise<void> {
  await sql`insert into uidl (account_id, platform, epoch, marked, kept)
    values (${accountId}, ${platform}, ${epoch}, ${marked}, ${kept})
    on conflict (account_id, platform) do update set epoch = excluded.epoch, marked = excluded.marked, kept = excluded.kept`.execute(tx.db());
}

/** Undefined where the account's messages have the platform's own ids. */
export async function readUidls(store: Store, accountId: number, platform: string): Promise<UidlRow | undefined> {
  const { rows } = await sql<UidlRow>`select epoch, marked, kept from uidl
    where account_id = ${accountId} and platform = ${platform}`.execute(store.db());
  return rows[0];
}

/** The accounts that have a row for the platform where they live, in the order of their ids, a lot at a time. */
export async function movedAccounts(store: Store, after: number, limit: number): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`select u.account_id as id from uidl u
    join route r on r.account_id = u.account_id and r.home = u.platform
    where u.account_id > ${after} order by u.account_id limit ${limit}`.execute(store.db());
  return rows.map(({ id }) => id);
}
