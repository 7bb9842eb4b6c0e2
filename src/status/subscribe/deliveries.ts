/**
 * Taking deliveries that are due, and noting how they ended.
 *
 * Invariants: one process has a delivery at a time: taking it puts it off by more than sending may take, in the same
 * statement. What was noted as ended is never taken again. A process that dies between a server's word that it took a
 * message and our note of it leaves a delivery that is sent again, as SMTP has it (RFC 5321, 4.5.4.1), under the same
 * Message-ID or webhook-id, by which the receiver knows it.
 */
import { sql } from 'kysely';
import type { Component, DeclaredState } from '#incident/declared/api.ts';
import type { Store, Tx } from '#store/index.ts';
import type { SiteLanguage } from '../api.ts';
import { makeToken } from './token.ts';

/** More than sending one may take. */
const TAKEN_SECONDS = 120;
/** A minute, then twice as long each time, at most an hour; after a day it is no news any more. */
const FIRST_SECONDS = 60;
const MOST_SECONDS = 3_600;
const GIVE_UP = '1 day';
/** Updates in a row that a server refused for good, while others were taken: nobody reads there. A relay that refuses all is our own fault. */
const REFUSALS = 3;

/** What is told. */
export type News = {
  readonly updateId: number;
  readonly incidentId: string;
  readonly title: string;
  readonly titleEs: string | null;
  readonly components: readonly Component[];
  readonly at: Date;
  readonly state: DeclaredState;
  readonly text: string;
  readonly textEs: string | null;
  /** Of planned work. */
  readonly plannedFrom: Date | null;
  readonly plannedUntil: Date | null;
};

export type Due = News & {
  readonly channel: string;
  readonly tries: number;
  readonly subscriberId: number | null;
  readonly address: string | null;
  readonly language: SiteLanguage | null;
};

/** The oldest updates first. @param kind of channel @throws as the store does */
export async function takeDue(store: Store, kind: 'mail' | 'webhook', most: number): Promise<Due[]> {
  const { rows } = await sql<Due>`
    with due as (
      select channel, update_id from status_delivery
      where ended_at is null and next_at <= now() and starts_with(channel, ${`${kind}:`})
      order by update_id, channel limit ${most} for update skip locked),
    taken as (
      update status_delivery d set tries = d.tries + 1, next_at = now() + make_interval(secs => ${TAKEN_SECONDS})
      from due where d.channel = due.channel and d.update_id = due.update_id returning d.*)
    select t.channel, t.tries, t.subscriber_id as "subscriberId", s.address, s.language, u.id as "updateId", u.incident_id as "incidentId", i.title, i.title_es as "titleEs",
      i.components, u.at, u.state, u.text, u.text_es as "textEs", i.planned_from as "plannedFrom", i.planned_until as "plannedUntil"
    from taken t join incident_update u on u.id = t.update_id join declared_incident i on i.id = u.incident_id left join status_subscriber s on s.id = t.subscriber_id
    order by u.id, t.channel`.execute(store.db());
  return rows;
}

/** Makes the token of a letter's link that ends the subscription, for each letter another. */
export async function makeEnd(store: Store, subscriberId: number): Promise<string> {
  const { token, digest } = makeToken();
  await sql`insert into status_end (digest, subscriber_id) values (${digest}, ${subscriberId})`.execute(store.db());
  return token;
}

/** `refused`: for good, by the receiver's own word. */
export async function noteEnd(tx: Tx, { channel, updateId, subscriberId }: Pick<Due, 'channel' | 'updateId' | 'subscriberId'>, outcome: 'delivered' | 'refused'): Promise<void> {
  await sql`update status_delivery set ended_at = now(), outcome = ${outcome} where channel = ${channel} and update_id = ${updateId} and ended_at is null`.execute(tx.db());
  if (subscriberId === null) return;
  if (outcome === 'delivered') await sql`update status_subscriber set refusals = 0 where id = ${subscriberId} and refusals > 0`.execute(tx.db());
  else {
    await sql`update status_subscriber set refusals = refusals + 1 where id = ${subscriberId}`.execute(tx.db());
    await sql`delete from status_subscriber where id = ${subscriberId} and refusals >= ${REFUSALS}
      and exists (select from status_delivery where outcome = 'delivered' and starts_with(channel, 'mail:') and ended_at > now() - interval '1 hour')`.execute(tx.db());
  }
}

/** Later again, or never. @returns whether it was given up */
export async function noteFailure(store: Store, { channel, updateId, tries }: Pick<Due, 'channel' | 'updateId' | 'tries'>): Promise<boolean> {
  const seconds = Math.min(MOST_SECONDS, FIRST_SECONDS * 2 ** Math.min(tries - 1, 10));
  const { rows } = await sql<{ ended: boolean }>`
    update status_delivery set next_at = now() + make_interval(secs => ${seconds}),
      ended_at = case when made_at < now() - ${GIVE_UP}::interval then now() end, outcome = case when made_at < now() - ${GIVE_UP}::interval then 'given-up' end
    where channel = ${channel} and update_id = ${updateId} and ended_at is null returning ended_at is not null as ended`.execute(store.db());
  return rows[0]?.ended === true;
}

export type DueAsk = { readonly id: number; readonly address: string; readonly language: SiteLanguage; readonly token: string };

/** Asks whose letter is due, each with its token, of which the store has the digest. @throws as the store does */
export async function takeAsks(store: Store, most: number): Promise<DueAsk[]> {
  const made = Array.from({ length: most }, () => makeToken());
  const { rows } = await sql<Omit<DueAsk, 'token'> & { n: number }>`
    with due as (select id, row_number() over (order by id)::int as n from (select id from status_ask where sent_at is null and next_at <= now() order by id limit ${most} for update skip locked) as free),
    tokens as (select digest, n::int as n from unnest(${made.map(({ digest }) => digest)}::bytea[]) with ordinality as given (digest, n))
    update status_ask a set tries = a.tries + 1, digest = tokens.digest, next_at = now() + make_interval(secs => ${TAKEN_SECONDS} * 2 ^ least(a.tries, 6))
    from due join tokens using (n) where a.id = due.id returning a.id, a.address, a.language, due.n`.execute(store.db());
  return rows.map(({ n, ...row }) => ({ ...row, token: made[n - 1]!.token }));
}

/** It is sent, or cannot be: no letter again. */
export async function noteAsked(store: Store, id: number): Promise<void> {
  await sql`update status_ask set sent_at = now() where id = ${id}`.execute(store.db());
}
