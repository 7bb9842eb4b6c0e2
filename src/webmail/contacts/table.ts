/**
 * The tables of contacts.
 *
 * address_book: one row an account that has any; each change takes it first, so changes of one account come one after the
 * other, its bounds are exact, and `revision` tells a reader whether what he has is still so.
 * contact: `card` is JSON (api.ts). `rest`: lines of the vCard that it came from, which we do not read and give back.
 * correspondent: addresses that the account wrote to.
 */
import { sql } from 'kysely';
import type { Migration, Store, Tx } from '#store/index.ts';
import { type Card, contactBody, MOST_CONTACTS, MOST_SUGGESTIONS, type Contact, type Suggestion } from './api.ts';

export const contactMigrations: readonly Migration[] = [
  {
    name: '0025_contacts',
    sql: `
      create table address_book (
        account_id bigint primary key references account (id),
        revision bigint not null default 1
      );

      create table contact (
        account_id bigint not null references account (id),
        id text not null,
        card text not null check (octet_length(card) <= 200000),
        rest text not null default '' check (octet_length(rest) <= 40000),
        primary key (account_id, id)
      );

      create table correspondent (
        account_id bigint not null references account (id),
        email text not null check (octet_length(email) <= 1000),
        name text not null check (octet_length(name) <= 1000),
        uses int not null default 1,
        last_at timestamptz not null default now(),
        primary key (account_id, email)
      );
      create index correspondent_last on correspondent (account_id, last_at desc);
    `,
  },
];

export type Row = { readonly id: string; readonly card: Card; readonly rest: string };

export type BookSize = { readonly count: number; readonly bytes: number };

/** Begins a change: nobody else changes the account's contacts until it ends. @returns what there is */
export async function takeBook(tx: Tx, accountId: number): Promise<BookSize> {
  await sql`insert into address_book (account_id) values (${accountId}) on conflict (account_id) do update set revision = address_book.revision + 1`.execute(tx.db());
  const { rows } = await sql<BookSize>`select count(*)::int as count, coalesce(sum(octet_length(card) + octet_length(rest)), 0)::bigint as bytes from contact where account_id = ${accountId}`.execute(tx.db());
  return rows[0]!;
}

export async function readRevision(store: Store, accountId: number): Promise<number> {
  const { rows } = await sql<{ revision: number }>`select revision from address_book where account_id = ${accountId}`.execute(store.db());
  return rows[0]?.revision ?? 0;
}

/** In the order of ids. @param ids undefined: all */
export async function readContacts(reader: Store | Tx, accountId: number, ids?: readonly string[]): Promise<Row[]> {
  const which = ids === undefined ? sql`` : sql`and id = any(${ids})`;
  const { rows } = await sql<{ id: string; card: string; rest: string }>`select id, card, rest from contact where account_id = ${accountId} ${which} order by id limit ${MOST_CONTACTS}`.execute(reader.db());
  return rows.map(({ id, card, rest }) => ({ id, card: contactBody.parse(JSON.parse(card)), rest }));
}

/** Adds them, or replaces what has their ids. */
export async function putContacts(tx: Tx, accountId: number, all: readonly Row[]): Promise<void> {
  await sql`insert into contact (account_id, id, card, rest)
    select ${accountId}, id, card, rest from unnest(${all.map(({ id }) => id)}::text[], ${all.map(({ card }) => JSON.stringify(card))}::text[], ${all.map(({ rest }) => rest)}::text[]) as given (id, card, rest)
    on conflict (account_id, id) do update set card = excluded.card, rest = excluded.rest`.execute(tx.db());
}

/** @returns how many there were */
export async function dropContacts(tx: Tx, accountId: number, ids: readonly string[]): Promise<number> {
  const { numAffectedRows } = await sql`delete from contact where account_id = ${accountId} and id = any(${ids})`.execute(tx.db());
  return Number(numAffectedRows ?? 0n);
}

/** One may be noted twice for a moment by two instances: the sum is what counts. */
export async function noteCorrespondents(tx: Tx, accountId: number, all: readonly { readonly email: string; readonly name: string }[]): Promise<void> {
  await takeBook(tx, accountId);
  await sql`insert into correspondent (account_id, email, name)
    select ${accountId}, email, name from unnest(${all.map(({ email }) => email)}::text[], ${all.map(({ name }) => name)}::text[]) as given (email, name)
    on conflict (account_id, email) do update set uses = correspondent.uses + 1, last_at = now(), name = case when excluded.name = '' then correspondent.name else excluded.name end`.execute(tx.db());
  await sql`delete from correspondent where account_id = ${accountId} and email in (
    select email from correspondent where account_id = ${accountId} order by last_at desc, email offset ${MOST_SUGGESTIONS})`.execute(tx.db());
}

/** The latest first. */
export async function readCorrespondents(store: Store, accountId: number): Promise<Suggestion[]> {
  const { rows } = await sql<Suggestion>`select email, name, uses from correspondent where account_id = ${accountId} order by last_at desc, email limit ${MOST_SUGGESTIONS}`.execute(store.db());
  return rows;
}

export async function dropCorrespondent(tx: Tx, accountId: number, email: string): Promise<void> {
  await takeBook(tx, accountId);
  await sql`delete from correspondent where account_id = ${accountId} and email = ${email}`.execute(tx.db());
}

export const contactOf = ({ id, card }: Row): Contact => ({ id, ...card });
