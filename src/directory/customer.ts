/**
 * Whose an account is, as the provider's own systems know it: a name, a customer number, phone numbers. For technicians
 * to find a caller by; nothing is decided by it.
 *
 * Invariants: one row an account; several accounts may have the same customer. Phones are digits with a `+` before them
 * where there was one, however they were written.
 */
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { audit, recordChange, type Store, type Tx } from '#store/index.ts';
import type { By } from './secrets/facts.ts';
import { ACCOUNT_TOPIC } from './topic.ts';

export type Customer = {
  /** Empty: not known, and so with the number. */
  readonly name: string;
  readonly number: string;
  readonly phones: readonly string[];
};

export const CUSTOMER_NAME_LENGTH = 200;
export const CUSTOMER_NUMBER_LENGTH = 50;
/** Home, mobile, work, and those of a family. */
export const MOST_PHONES = 10;
/** E.164 has 15; extensions and access codes are written with it. */
const PHONE_LENGTH = 25;

/** @throws CausewayError `input` */
export function checkedCustomer({ name, number, phones }: { name?: string | undefined; number?: string | undefined; phones?: readonly string[] | undefined }): Customer {
  const plain = phones?.map(phoneOf) ?? [];
  if (plain.length > MOST_PHONES) throw new CausewayError('input', `${plain.length} phones, more than ${MOST_PHONES}`);
  return { name: oneLine(name ?? '', CUSTOMER_NAME_LENGTH, 'customer\u2019s name'), number: oneLine(number ?? '', CUSTOMER_NUMBER_LENGTH, 'customer number'), phones: [...new Set(plain)] };
}

function oneLine(text: string, most: number, what: string): string {
  const trimmed = text.normalize('NFC').trim();
  if (trimmed.length > most || /\p{Cc}/u.test(trimmed)) throw new CausewayError('input', `a ${what} is one line of at most ${most} characters`);
  return trimmed;
}

function phoneOf(written: string): string {
  const text = written.trim();
  if (!/^\+?[\d\s()./\u2013-]+$/.test(text)) throw new CausewayError('input', 'a phone number has digits, spaces and ()./-, after a + where it has one');
  const digits = text.replaceAll(/\D/g, '');
  if (digits.length < 3 || digits.length > PHONE_LENGTH) throw new CausewayError('input', `a phone number has 3 to ${PHONE_LENGTH} digits`);
  return text.startsWith('+') ? `+${digits}` : digits;
}

/** @returns whether anything is otherwise now. An account without anything known has no row. */
export async function setCustomer(tx: Tx, accountId: number, customer: Customer, by: By): Promise<boolean> {
  if ((await writeCustomers(tx, [{ accountId, customer }])) === 0) return false;
  // What it was and is, is the customer's own; that it changed, and by whom, is the audit's.
  await audit(tx, { actor: by.actor, act: 'account.customer-set', subject: `account:${accountId}`, why: by.why });
  await recordChange(tx, ACCOUNT_TOPIC, accountId);
  return true;
}

/** For many new accounts: the caller audits and records the change. @returns how many rows are otherwise now */
export async function writeCustomers(tx: Tx, rows: readonly { readonly accountId: number; readonly customer: Customer }[]): Promise<number> {
  if (rows.length === 0) return 0;
  const { numAffectedRows } = await sql`
    insert into customer as c (account_id, name, number, phones)
    select n.id, n.name, n.number, array(select jsonb_array_elements_text(n.phones))
    from unnest(${rows.map(({ accountId }) => accountId)}::bigint[], ${rows.map(({ customer }) => customer.name)}::text[],
      ${rows.map(({ customer }) => customer.number)}::text[], ${rows.map(({ customer }) => JSON.stringify(customer.phones))}::jsonb[]) as n (id, name, number, phones)
    on conflict (account_id) do update set name = excluded.name, number = excluded.number, phones = excluded.phones
    where (c.name, c.number, c.phones) is distinct from (excluded.name, excluded.number, excluded.phones)
  `.execute(tx.db());
  return Number(numAffectedRows ?? 0);
}

export async function readCustomer(store: Store | Tx, accountId: number): Promise<Customer | undefined> {
  const { rows } = await sql<Customer>`select name, number, phones from customer where account_id = ${accountId}`.execute(store.db());
  return rows[0];
}
