/**
 * What technicians order of the instances about one account: that its locks end, that its sessions do.
 *
 * Invariants: the order is a row that the account is read with, so every instance hears it by the change feed, also one that
 * starts later; obeying it twice changes nothing. A number that rises stands for the unlocks, as the credential version does
 * for secrets: what was counted before it counts no more (signin/locks).
 */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { audit, type Migration, recordChange, type Tx } from '#store/index.ts';
import type { By } from './secrets/facts.ts';
import type { DirectoryTables } from './tables.ts';
import { ACCOUNT_TOPIC } from './topic.ts';

export const deskOrderMigrations: readonly Migration[] = [
  {
    name: '0034_directory-desk-orders',
    sql: `
      create table desk_order (
        account_id bigint primary key references account on delete cascade,
        unlocks int not null default 0,
        sessions_ended_at timestamptz
      );
    `,
  },
];

/** What was counted against the account's strangers is forgotten; who goes on guessing is counted anew. @throws CausewayError `not-found` */
export async function unlockAccount(tx: Tx, accountId: number, by: By): Promise<void> {
  await order(tx, accountId, sql`unlocks = desk_order.unlocks + 1`, { unlocks: 1 });
  await audit(tx, { actor: by.actor, act: 'account.unlocked', subject: `account:${accountId}`, why: by.why });
}

/** Mail programs come back with what they have, browsers sign in anew. @throws CausewayError `not-found` */
export async function endAllSessions(tx: Tx, accountId: number, by: By): Promise<void> {
  await order(tx, accountId, sql`sessions_ended_at = excluded.sessions_ended_at`, { sessions_ended_at: sql<Date>`clock_timestamp()` });
  await tx.db<DirectoryTables>().updateTable('web_session').set({ ended_at: sql<Date>`now()` }).where('account_id', '=', accountId).where('ended_at', 'is', null).execute();
  await audit(tx, { actor: by.actor, act: 'account.sessions-ended', subject: `account:${accountId}`, why: by.why });
}

async function order(tx: Tx, accountId: number, update: ReturnType<typeof sql>, { unlocks = 0, sessions_ended_at = null }: { unlocks?: number; sessions_ended_at?: ReturnType<typeof sql<Date>> | null }): Promise<void> {
  const there = await tx.db<DirectoryTables>().selectFrom('account').select('id').where('id', '=', accountId).forUpdate().executeTakeFirst();
  if (there === undefined) throw new CausewayError('not-found', `there is no account ${accountId}`);
  await sql`insert into desk_order (account_id, unlocks, sessions_ended_at) values (${accountId}, ${unlocks}, ${sessions_ended_at}) on conflict (account_id) do update set ${update}`.execute(tx.db());
  await recordChange(tx, ACCOUNT_TOPIC, accountId);
}
