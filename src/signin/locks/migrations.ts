import type { Migration } from '#store/index.ts';

/**
 * lock_batch: what instances tell each other of wrong and right secrets: keyed digests, networks and numbers, sealed.
 * Kept for an hour. Unlogged: it is written each second of an attack, and a crash of the server costs nothing but late
 * news.
 * lock_seen: what an instance says of an account's wrong secrets and locks, as JSON of explain.ts.
 */
export const lockMigrations: readonly Migration[] = [
  {
    name: '0009_locks',
    sql: `
      create unlogged table lock_batch (
        id bigint generated always as identity,
        xid xid8 not null default pg_current_xact_id(),
        at timestamptz not null default now(),
        instance text not null,
        notes text not null,
        seal bytea not null,
        primary key (xid, id)
      );
    `,
  },
  {
    name: '0036_lock-seen',
    sql: `
      create table lock_seen (
        account_id bigint not null,
        instance text not null,
        at timestamptz not null,
        explanation jsonb not null,
        primary key (account_id, instance)
      );
    `,
  },
];
