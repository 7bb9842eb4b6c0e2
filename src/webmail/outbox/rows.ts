/**
 * The outbox's rows and their steps.
 *
 * Invariants: each step is one statement that names the state, and where a process has it, the claim, from which it goes;
 * so of two that try, one does. From `handing` on nothing leads back to `waiting` but the platform's word that it did not
 * take the mail, heard by the process that gave it.
 */
import { sql } from 'kysely';
import type { Store } from '#store/index.ts';
import type { HeldMail } from '../mail-access.ts';

export type OutboxState = 'waiting' | 'taken' | 'handing' | 'filing' | 'sent' | 'refused' | 'unknown' | 'canceled';

export type OutboxRow = HeldMail & {
  readonly accountId: number;
  /** Of the secret by which its writer was signed in. */
  readonly version: number;
  readonly state: OutboxState;
  readonly attempts: number;
  readonly madeAt: Date;
  readonly reply: string | null;
};

const COLUMNS = sql`id, account_id as "accountId", version, email_id as "emailId", identity_id as "identityId", thread_id as "threadId",
  mail_from as "mailFrom", rcpt_to as "rcptTo", filing, made_at as "madeAt", send_at as "sendAt", state, attempts, reply`;

/** A process that reads or files is done, or gone, within it; a hold may be between. */
const TAKEN_SECONDS = 30;
/** Above all deadlines of handing over together; who hears an answer later still writes it down. */
const HANDING_SECONDS = 120;
/** A page that was closed asks what became of it when it is opened again. */
const KEPT_DAYS = 7;
/** Of one account at once, and what it is told of later. */
export const WAITING_LIMIT = 50;
const LISTED = 200;

/**
 * Another mail with the id of one that waits is that one.
 * @returns false: nothing was written, the store is away. Rejects when nobody knows whether it was.
 */
export async function addRow(store: Store, { accountId, version }: { accountId: number; version: number }, mail: HeldMail): Promise<boolean> {
  let asked = false;
  try {
    await store.transaction(async (tx) => {
      await sql`insert into webmail_outbox (id, account_id, version, email_id, identity_id, thread_id, mail_from, rcpt_to, filing, send_at)
        values (${mail.id}, ${accountId}, ${version}, ${mail.emailId}, ${mail.identityId}, ${mail.threadId}, ${mail.mailFrom}, ${[...mail.rcptTo]}::text[],
          ${mail.filing === null ? null : JSON.stringify(mail.filing)}::jsonb, ${mail.sendAt})`.execute(tx.db());
      asked = true;
    });
    return true;
  } catch (error) {
    if (asked) throw error;
    return false;
  }
}

/** @returns whether it was still to be sent: now it never is */
export async function cancelRow(store: Store, accountId: number, id: string): Promise<boolean> {
  return store.transaction(async (tx) => {
    const { numAffectedRows } = await sql`update webmail_outbox set state = 'canceled', since = clock_timestamp()
      where id = ${id} and account_id = ${accountId} and state in ('waiting', 'taken')`.execute(tx.db());
    return numAffectedRows === 1n;
  });
}

/** What an account's writers may still ask about, the last made first. */
export async function listRows(store: Store, accountId: number): Promise<OutboxRow[]> {
  const { rows } = await sql<OutboxRow>`select ${COLUMNS} from webmail_outbox where account_id = ${accountId} order by made_at desc limit ${LISTED}`.execute(store.db());
  return rows;
}

/** @returns one that is due, now the claim's: to be sent (`taken`) or filed */
export async function takeRow(store: Store, claim: string): Promise<OutboxRow | undefined> {
  return store.transaction(async (tx) => {
    const { rows } = await sql<OutboxRow>`
      update webmail_outbox set state = case state when 'filing' then 'filing' else 'taken' end, claim = ${claim}, since = clock_timestamp()
      where id = (select id from webmail_outbox
        where state = 'waiting' and send_at <= clock_timestamp() or state in ('taken', 'filing') and since < clock_timestamp() - ${TAKEN_SECONDS} * interval '1 second'
        order by send_at limit 1 for update skip locked)
      returning ${COLUMNS}`.execute(tx.db());
    return rows[0];
  });
}

type Step = { readonly from: OutboxState; readonly to: OutboxState; readonly reply?: string; readonly againInMs?: number };

/** @returns whether the row was the claim's and in that state */
export async function stepRow(store: Store, claim: string, id: string, { from, to, reply, againInMs }: Step): Promise<boolean> {
  const later = againInMs === undefined ? sql`` : sql`, send_at = clock_timestamp() + ${againInMs} * interval '1 millisecond', attempts = attempts + 1`;
  // An answer that came after the others had given it up is the answer.
  const states = from === 'handing' ? ['handing', 'unknown'] : [from];
  return store.transaction(async (tx) => {
    const { numAffectedRows } = await sql`update webmail_outbox set state = ${to}, since = clock_timestamp(), reply = ${reply ?? null} ${later}
      where id = ${id} and claim = ${claim} and state = any(${states}::text[])`.execute(tx.db());
    return numAffectedRows === 1n;
  });
}

/** Of what a process was handing over when it died nobody knows whether it was sent. Old rows go. */
export async function settleRows(store: Store): Promise<void> {
  await store.transaction(async (tx) => {
    await sql`update webmail_outbox set state = 'unknown', since = clock_timestamp(), reply = '451 4.4.2 no answer'
      where state = 'handing' and since < clock_timestamp() - ${HANDING_SECONDS} * interval '1 second'`.execute(tx.db());
    await sql`delete from webmail_outbox where state in ('sent', 'refused', 'unknown', 'canceled') and since < clock_timestamp() - ${KEPT_DAYS} * interval '1 day'`.execute(tx.db());
  });
}

export async function waitingOf(store: Store, accountId: number): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from webmail_outbox where account_id = ${accountId} and state in ('waiting', 'taken', 'handing')`.execute(store.db());
  return rows[0]!.n;
}
