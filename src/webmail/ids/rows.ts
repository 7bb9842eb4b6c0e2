/** Reads and writes the rows of ids (tables.ts). */
import { sql } from 'kysely';
import type { Store } from '#store/index.ts';
import { ALIAS_LIMIT, type Location } from '../mail/memory.ts';
import type { StoredMailbox } from './homes.ts';

/** An email's id and where it is now. */
export type Kept = { readonly id: string; readonly home: string; readonly location: Location };

/** What is new is told by these two: the account's last move, and the last change of its ids. */
export async function lastChange(store: Store, accountId: number): Promise<{ move: number; seq: number }> {
  const { rows } = await sql<{ move: number; seq: number }>`
    select coalesce((select max(id) from move where account_id = ${accountId} and state = 'moved'), 0) as move,
      greatest((select max(seq) from webmail_email where account_id = ${accountId}), (select max(seq) from webmail_mailbox where account_id = ${accountId}), 0) as seq`.execute(store.db());
  return rows[0]!;
}

export async function readStoredMailboxes(store: Store, accountId: number): Promise<StoredMailbox[]> {
  const { rows } = await sql<StoredMailbox>`select home, mailbox, object, id, since from webmail_mailbox where account_id = ${accountId}`.execute(store.db());
  return rows;
}

/** Those that changed after `seq`, the last change last. */
export async function readEmails(store: Store, accountId: number, seq: number): Promise<Kept[]> {
  const { rows } = await sql<{ id: string; home: string; box: string; uidValidity: number; uid: number }>`
    select id, home, mailbox_id as box, uidvalidity as "uidValidity", uid from webmail_email
    where account_id = ${accountId} and seq > ${seq} order by seq limit ${ALIAS_LIMIT}`.execute(store.db());
  return rows.map(({ id, home, ...location }) => ({ id, home, location }));
}

/** Beyond ALIAS_LIMIT an account's oldest are forgotten. */
export async function keepEmails(store: Store, accountId: number, kept: readonly Kept[]): Promise<void> {
  const each = <T>(of: (one: Kept) => T): T[] => kept.map(of);
  const columns = sql`unnest(${each(({ id }) => id)}::text[], ${each(({ home }) => home)}::text[], ${each(({ location }) => location.box)}::text[],
    ${each(({ location }) => location.uidValidity)}::bigint[], ${each(({ location }) => location.uid)}::bigint[]) as new (id, home, mailbox_id, uidvalidity, uid)`;
  await store.transaction(async (tx) => {
    await sql`delete from webmail_email old using ${columns} where old.account_id = ${accountId} and old.home = new.home and old.mailbox_id = new.mailbox_id
      and old.uidvalidity = new.uidvalidity and old.uid = new.uid and old.id <> new.id`.execute(tx.db());
    await sql`insert into webmail_email (account_id, id, home, mailbox_id, uidvalidity, uid)
      select ${accountId}, id, home, mailbox_id, uidvalidity, uid from ${columns}
      on conflict (account_id, id) do update set home = excluded.home, mailbox_id = excluded.mailbox_id, uidvalidity = excluded.uidvalidity,
        uid = excluded.uid, seq = nextval('webmail_ids')`.execute(tx.db());
    await sql`delete from webmail_email where account_id = ${accountId} and seq <= (
      select seq from webmail_email where account_id = ${accountId} order by seq desc offset ${ALIAS_LIMIT} limit 1)`.execute(tx.db());
  });
}

/** All of an account's at its home; others that were known there are so no more. */
export async function keepMailboxes(store: Store, accountId: number, home: string, now: readonly Pick<StoredMailbox, 'mailbox' | 'object' | 'id'>[]): Promise<void> {
  await store.transaction(async (tx) => {
    await sql`delete from webmail_mailbox where account_id = ${accountId} and home = ${home} and not mailbox = any(${now.map(({ mailbox }) => mailbox)}::text[])`.execute(tx.db());
    await sql`insert into webmail_mailbox (account_id, home, mailbox, object, id)
      select ${accountId}, ${home}, mailbox, object, id
      from unnest(${now.map(({ mailbox }) => mailbox)}::text[], ${now.map(({ object }) => object)}::text[], ${now.map(({ id }) => id)}::text[]) as new (mailbox, object, id)
      on conflict (account_id, home, mailbox) do update set object = excluded.object, seq = nextval('webmail_ids'),
        since = case when webmail_mailbox.id = excluded.id then webmail_mailbox.since else clock_timestamp() end, id = excluded.id
      where webmail_mailbox.id <> excluded.id or webmail_mailbox.object is distinct from excluded.object`.execute(tx.db());
  });
}
