/**
 * Asking for updates by mail, and saying so a second time by the link in a letter.
 *
 * Invariants: nobody gets updates who did not use the link; looking at it uses nothing up (mail scanners look). Whether an
 * address has asked before, or has anything to do with us, shows in no answer. Nobody can have an address sent more than
 * a few letters, nor all addresses together more than we can answer for.
 */
import { sql } from 'kysely';
import type { Component } from '#incident/declared/api.ts';
import type { Store, Tx } from '#store/index.ts';
import type { SiteLanguage } from '../api.ts';
import { digestOf, isToken } from './token.ts';

/** One that was lost, and one that went to the wrong folder. */
const LETTERS_A_DAY = 3;
/** On the worst day a tenth of 28,000 customers asks within some hours; a flood of addresses is stopped. */
const ASKS_AN_HOUR = 3_000;
/** A link that was not used in so long was not wanted. */
const ASK_HOURS = 48;
/** More subscribers than the provider has customers would be somebody else's list. */
const SUBSCRIBERS = 200_000;
/** "suba" in ASCII. */
const LOCK = 0x73756261;

export type Wish = { readonly address: string; readonly language: SiteLanguage; readonly components: readonly Component[] };

/** Notes the ask; its letter goes out by and by. @returns false: too many altogether @throws as the store does */
export async function ask(tx: Tx, { address, language, components }: Wish): Promise<boolean> {
  await sql`select pg_advisory_xact_lock(${LOCK})`.execute(tx.db());
  await sql`delete from status_ask where asked_at < now() - make_interval(hours => ${ASK_HOURS})`.execute(tx.db());
  const { rows } = await sql<{ all: number; own: number }>`
    select count(*) filter (where asked_at > now() - interval '1 hour')::int as all, count(*) filter (where address = ${address} and asked_at > now() - interval '1 day')::int as own from status_ask`.execute(tx.db());
  const { all, own } = rows[0]!;
  if (all >= ASKS_AN_HOUR) return false;
  if (own >= LETTERS_A_DAY) return true;
  await sql`insert into status_ask (address, language, components) values (${address}, ${language}, ${[...components]}::text[])`.execute(tx.db());
  return true;
}

/** What a link asks for; undefined when it does not serve (any more). */
export async function readAsk(store: Store, token: string): Promise<Wish | undefined> {
  if (!isToken(token)) return undefined;
  const { rows } = await sql<Wish>`
    select address, language, components from status_ask where digest = ${digestOf(token)} and asked_at > now() - make_interval(hours => ${ASK_HOURS})`.execute(store.db());
  return rows[0];
}

/** @returns the subscriber; undefined when the link does not serve (any more) */
export async function confirm(tx: Tx, token: string): Promise<{ readonly id: number; readonly language: SiteLanguage } | undefined> {
  if (!isToken(token)) return undefined;
  await sql`select pg_advisory_xact_lock(${LOCK})`.execute(tx.db());
  const { rows } = await sql<{ id: number; language: SiteLanguage }>`
    with used as (delete from status_ask where digest = ${digestOf(token)} and asked_at > now() - make_interval(hours => ${ASK_HOURS}) returning address, language, components)
    insert into status_subscriber (address, language, components)
    select address, language, components from used where (select count(*) from status_subscriber) < ${SUBSCRIBERS}
    on conflict (address) do update set language = excluded.language, components = excluded.components, refusals = 0
    returning id, language`.execute(tx.db());
  return rows[0];
}

/** Whose subscription a link ends, without ending it. */
export async function readEnd(store: Store, token: string): Promise<{ readonly id: number; readonly language: SiteLanguage } | undefined> {
  if (!isToken(token)) return undefined;
  const { rows } = await sql<{ id: number; language: SiteLanguage }>`
    select s.id, s.language from status_end e join status_subscriber s on s.id = e.subscriber_id where e.digest = ${digestOf(token)}`.execute(store.db());
  return rows[0];
}

/** Ends it at once: what waits for the subscriber goes with the row. @returns whose it was; undefined: nobody's any more */
export async function end(tx: Tx, token: string): Promise<number | undefined> {
  if (!isToken(token)) return undefined;
  const { rows } = await sql<{ id: number }>`
    delete from status_subscriber s using status_end e where e.digest = ${digestOf(token)} and s.id = e.subscriber_id returning s.id`.execute(tx.db());
  return rows[0]?.id;
}
