/** webmail_moved_seen: the last move of which an account's owner was told. */
import { sql } from 'kysely';
import type { Migration, Store, Tx } from '#store/index.ts';

export const movedMigrations: readonly Migration[] = [
  {
    name: '0032_webmail-moved',
    sql: `
      create table webmail_moved_seen (
        account_id bigint primary key references account,
        move_id bigint not null references move,
        at timestamptz not null default clock_timestamp()
      );
    `,
  },
];

export async function lastSeen(store: Store, accountId: number): Promise<number | undefined> {
  const { rows } = await sql<{ move: number }>`select move_id as move from webmail_moved_seen where account_id = ${accountId}`.execute(store.db());
  return rows[0]?.move;
}

/** A move of another's, or none, changes nothing. */
export async function noteSeen(tx: Tx, accountId: number, moveId: number): Promise<void> {
  await sql`insert into webmail_moved_seen (account_id, move_id) select account_id, id from move where id = ${moveId} and account_id = ${accountId}
    on conflict (account_id) do update set move_id = excluded.move_id, at = excluded.at where excluded.move_id > webmail_moved_seen.move_id`.execute(tx.db());
}
