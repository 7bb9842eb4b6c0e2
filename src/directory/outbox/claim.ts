/**
 * The outbox's rows, one at a time for each account and platform.
 *
 * Invariants: a row is handed out only when none before it, of the same account and platform, is still to be told; and to
 * one process until its lease ends. It is told at least once: a process that dies after the platform took it and before
 * the store heard so has it told again, which the row's number lets the platform see.
 */
import { sql } from 'kysely';
import { audit, recordChange } from '#store/index.ts';
import type { Store, Tx } from '#store/index.ts';
import { confirmChange } from '../secrets/unconfirmed.ts';
import type { DirectoryTables } from '../tables.ts';
import { ACCOUNT_TOPIC } from '../topic.ts';
import type { OutboxAct } from './act.ts';

/** Three times what one telling may take. */
export const LEASE_MS = 60_000;
/** After the first failure, doubled by each further one up to the last. */
const RETRY_MS = 1_000;
const RETRY_LAST_MS = 300_000;
/**
 * A change that counts only once the platform has confirmed it is given up after so long: the customer goes on with the
 * old secret, and would be surprised by a new one tomorrow.
 */
const ASKED_MS = 15 * 60_000;
/** Rows that were told stay for so long, for people to see; half of the longest rollback window would do. */
const KEPT = '30 days';
const PRUNED = 10_000;

export type Row = {
  readonly id: number;
  readonly accountId: number;
  readonly platform: string;
  readonly act: OutboxAct;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly sealed: Buffer | null;
  readonly tries: number;
  readonly address: string;
  /** What the platform knows the account by. */
  readonly login: string;
};

/** Takes up to `n` rows for `platforms` that are due. */
export async function claimRows(store: Store, platforms: readonly string[], n: number): Promise<Row[]> {
  const { rows } = await sql<Row>`
    with taken as (
      update outbox set tries = tries + 1, due_at = now() + ${LEASE_MS} * interval '1 ms'
      where id in (
        select o.id from outbox o
        where o.done_at is null and o.due_at <= now() and o.platform = any(${platforms}::text[]) and not exists (
          select from outbox e
          where e.account_id = o.account_id and e.platform = o.platform and e.done_at is null and e.id < o.id)
        order by o.due_at limit ${n} for update of o skip locked)
      returning *)
    select t.id, t.account_id as "accountId", t.platform, t.act, t.detail, t.sealed, t.tries, a.address,
      coalesce(l.login, a.address) as login
    from taken t join account a on a.id = t.account_id
    left join platform_login l on l.account_id = t.account_id and l.platform = t.platform
    order by t.id
  `.execute(store.db());
  return rows;
}

/**
 * The platform has taken it.
 * @param login what it knows the account by from now on, if it says so
 * @param note what there is to say of it, for people
 */
export async function finishRow(tx: Tx, row: Row, { login, note }: { login?: string | undefined; note?: string | undefined } = {}): Promise<void> {
  const db = tx.db<DirectoryTables>();
  const { numUpdatedRows } = await db
    .updateTable('outbox')
    .set({ done_at: sql<Date>`now()`, sealed: null, error: note ?? null })
    .where('id', '=', row.id)
    .where('done_at', 'is', null)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) return;
  if (login !== undefined && login !== row.login) {
    await db
      .insertInto('platform_login')
      .values({ account_id: row.accountId, platform: row.platform, login })
      .onConflict((conflict) => conflict.columns(['account_id', 'platform']).doUpdateSet({ login }))
      .execute();
    await audit(tx, { actor: `provisioner:${row.platform}`, act: 'account.platform-login-set', subject: `account:${row.accountId}`, detail: { login } });
    await recordChange(tx, ACCOUNT_TOPIC, row.accountId);
  }
  if (row.act !== 'secret' || note !== undefined) return;
  const { version, hash, confirm } = row.detail;
  if (confirm === true) return confirmChange(tx, row.accountId, row.platform, String(hash));
  await db
    .insertInto('secret_pushed')
    .values({ account_id: row.accountId, platform: row.platform, version: Number(version) })
    .onConflict((conflict) => conflict.columns(['account_id', 'platform']).doUpdateSet({ version: Number(version) }))
    .execute();
}

/** It could not be told: it is due again later. A change that was only asked for is given up in the end. */
export async function postponeRow(store: Store, row: Row, error: string): Promise<'postponed' | 'given-up'> {
  const waitMs = Math.min(RETRY_LAST_MS, RETRY_MS * 2 ** Math.min(row.tries - 1, 20));
  const { rows } = await sql<{ over: boolean }>`
    update outbox set error = ${error.slice(0, 500)}, due_at = now() + ${waitMs} * interval '1 ms',
      done_at = case when ${row.detail['confirm'] === true} and at < now() - ${ASKED_MS} * interval '1 ms' then now() end,
      sealed = case when ${row.detail['confirm'] === true} and at < now() - ${ASKED_MS} * interval '1 ms' then null else sealed end
    where id = ${row.id} and done_at is null
    returning done_at is not null as over
  `.execute(store.db());
  return rows[0]?.over === true ? 'given-up' : 'postponed';
}

/** What an account's platforms have not been told yet. */
export type Untold = { readonly platform: string; readonly act: OutboxAct; readonly at: Date; readonly tries: number; readonly error: string | null };

export async function readUntold(store: Store, accountId: number): Promise<Untold[]> {
  return store
    .db<DirectoryTables>()
    .selectFrom('outbox')
    .select(['platform', 'act', 'at', 'tries', 'error'])
    .where('account_id', '=', accountId)
    .where('done_at', 'is', null)
    .orderBy('id')
    .execute();
}

/** Drops rows that were told a month ago. Safe in several processes at once. */
export async function pruneOutbox(store: Store): Promise<void> {
  await sql`
    delete from outbox where id = any(array(
      select id from outbox where done_at < now() - ${KEPT}::interval limit ${PRUNED} for update skip locked))
  `.execute(store.db());
}
