import type { Migration } from './migrate.ts';

/**
 * The room's own tables.
 *
 * change: see feed.ts. Read by (xid, id); dropped after a day.
 * audit: who did what, in the transaction that did it; never changed, never dropped here.
 * figure: counters of five seconds, by instance; dropped after a day.
 */
export const storeMigrations: readonly Migration[] = [
  {
    name: '0001_store',
    sql: `
      create table change (
        id bigint generated always as identity,
        xid xid8 not null default pg_current_xact_id(),
        topic text not null,
        key bigint not null,
        at timestamptz not null default now(),
        primary key (xid, id)
      );
      create index change_at on change (at);

      create table audit (
        id bigint generated always as identity primary key,
        at timestamptz not null default now(),
        actor text not null,
        act text not null,
        subject text not null,
        why text,
        detail jsonb
      );
      create index audit_subject on audit (subject, id);

      create table figure (
        bucket timestamptz not null,
        instance text not null,
        name text not null,
        platform text not null default '',
        value bigint not null,
        primary key (bucket, instance, name, platform)
      );
    `,
  },
];
