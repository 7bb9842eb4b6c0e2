/**
 * What was seen of accounts, for people: one row for each thing that is the same, with the first and the last time and
 * how often. Nothing is decided by it.
 *
 * sign_in_seen.reason: why a secret was not accepted; a device that has both an old secret and a wrong one is two rows.
 * delivery_seen: how mail for an account fared on the last hop. `reason`: the platform's words, where it did not take it.
 * door_seen: connections that ended before anybody said who he is, or said a name that nobody has. They name a network,
 * and no account.
 * outage_seen: when a platform last came back, by what it does for us.
 */
import type { Migration } from '#store/index.ts';

export const seenMigrations: readonly Migration[] = [
  {
    name: '0035_seen',
    sql: `
      alter table sign_in_seen add column reason text not null default '',
        drop constraint sign_in_seen_pkey,
        add primary key (account_id, protocol, network, device, outcome, means, reason);

      create table delivery_seen (
        account_id bigint not null references account (id),
        platform text not null,
        outcome text not null check (outcome in ('delivered', 'held', 'deferred', 'refused')),
        reason text not null,
        first_at timestamptz not null,
        last_at timestamptz not null,
        times bigint not null,
        primary key (account_id, platform, outcome, reason)
      );
      create index delivery_seen_last on delivery_seen (last_at);

      create table door_seen (
        network text not null,
        fault text not null check (fault in ('old-tls', 'certificate', 'no-tls')),
        detail text not null,
        first_at timestamptz not null,
        last_at timestamptz not null,
        times bigint not null,
        primary key (network, fault, detail)
      );
      create index door_seen_last on door_seen (last_at);

      create table customer (
        account_id bigint primary key references account (id),
        name text not null default '',
        number text not null default '',
        phones text[] not null default '{}'
      );
    `,
  },
  {
    name: '0037_seen-door',
    sql: `
      alter table door_seen drop constraint door_seen_fault_check,
        add constraint door_seen_fault_check check (fault in ('old-tls', 'certificate', 'no-tls', 'plain-text', 'unknown-name'));
    `,
  },
  {
    name: '0047_outage-seen',
    sql: `
      create table outage_seen (
        platform text not null,
        service text not null check (service in ('check', 'way')),
        back_at timestamptz not null,
        primary key (platform, service)
      );
    `,
  },
];
