/**
 * The room's tables.
 *
 * component_state: what each component's state was, from when until when; what no row covers nobody measured.
 * status_ask: somebody wants updates at an address; until the link in the letter is used it is nobody's word.
 * status_subscriber: those who said so twice.
 * status_fanned: up to which update deliveries have been made out.
 * status_delivery: one row a channel (`mail:17`, `webhook:ops`) and update, so each goes to each once.
 * status_end: digests of the links that end a subscription.
 * status_code: digests of the codes in customers' letters.
 */
import type { Migration } from '#store/index.ts';

export const statusMigrations: readonly Migration[] = [
  {
    name: '0041_status',
    sql: `
      create table component_state (
        component text not null,
        from_at timestamptz not null,
        until_at timestamptz not null check (until_at >= from_at),
        state text not null check (state in ('ok', 'planned', 'unknown', 'degraded', 'down')),
        primary key (component, from_at)
      );
      create index component_state_until on component_state (until_at);

      create table status_ask (
        id bigint generated always as identity primary key,
        address text not null check (octet_length(address) <= 320),
        language text not null check (language in ('en', 'es')),
        components text[] not null,
        asked_at timestamptz not null default now(),
        digest bytea unique,
        tries int not null default 0,
        next_at timestamptz not null default now(),
        sent_at timestamptz
      );
      create index status_ask_due on status_ask (next_at) where sent_at is null;
      create index status_ask_address on status_ask (address, asked_at);

      create table status_subscriber (
        id bigint generated always as identity primary key,
        address text not null unique check (octet_length(address) <= 320),
        language text not null check (language in ('en', 'es')),
        components text[] not null,
        confirmed_at timestamptz not null default now(),
        refusals int not null default 0
      );

      create table status_fanned (one boolean primary key default true check (one), update_id bigint not null);

      create table status_delivery (
        channel text not null,
        update_id bigint not null references incident_update (id),
        subscriber_id bigint references status_subscriber (id) on delete cascade,
        made_at timestamptz not null default now(),
        tries int not null default 0,
        next_at timestamptz not null default now(),
        ended_at timestamptz,
        outcome text check (outcome in ('delivered', 'refused', 'given-up')),
        primary key (channel, update_id),
        check ((ended_at is null) = (outcome is null))
      );
      create index status_delivery_due on status_delivery (next_at) where ended_at is null;

      create table status_end (
        digest bytea primary key,
        subscriber_id bigint not null references status_subscriber (id) on delete cascade,
        made_at timestamptz not null default now()
      );
      create index status_end_subscriber on status_end (subscriber_id);

      create table status_code (
        digest bytea primary key,
        account_id bigint not null references account (id) on delete cascade,
        made_at timestamptz not null default now(),
        expires_at timestamptz not null
      );
      create index status_code_account on status_code (account_id);
    `,
  },
];
