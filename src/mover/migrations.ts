/** How the room's tables (tables.ts) came to be, step by step. Invariant: a step that has landed is never changed. */
import type { Migration } from '#store/index.ts';

export const moverMigrations: readonly Migration[] = [
  {
    name: '0003_mover',
    sql: `
      create table move (
        id bigint generated always as identity primary key,
        account_id bigint not null references account,
        source text not null,
        target text not null,
        wave_id bigint,
        state text not null default 'queued'
          check (state in ('queued', 'copying', 'following', 'held', 'moved', 'failed', 'cancelled')),
        owner text,
        owner_until timestamptz,
        claim bigint not null default 0,
        attempt int not null default 0,
        error text,
        failure text,
        messages bigint not null default 0,
        bytes bigint not null default 0,
        copied_messages bigint not null default 0,
        copied_bytes bigint not null default 0,
        epoch bigint,
        next_at timestamptz not null default now(),
        enqueued_at timestamptz,
        unclean boolean not null default false,
        hold_after timestamptz not null default now(),
        requested_at timestamptz not null default now(),
        started_at timestamptz,
        held_at timestamptz,
        ended_at timestamptz,
        hold_ms int,
        backed_out int not null default 0,
        check (source <> target)
      );
      create unique index move_open on move (account_id) where state in ('queued', 'copying', 'following', 'held');
      create index move_due on move (next_at) where state in ('queued', 'copying', 'following', 'held');
      create index move_by_account on move (account_id, id);
      create index move_by_wave on move (wave_id, account_id);

      create table mailbox_pair (
        move_id bigint not null references move,
        source_mailbox text not null,
        target_mailbox text not null,
        source_uidvalidity bigint,
        target_uidvalidity bigint,
        created boolean not null,
        primary key (move_id, source_mailbox),
        unique (move_id, target_mailbox)
      );

      create table ledger (
        account_id bigint not null references account,
        source text not null,
        target text not null,
        mailbox text not null,
        source_uidvalidity bigint not null,
        source_uid bigint not null,
        target_mailbox text not null,
        target_uidvalidity bigint not null,
        target_uid bigint not null,
        fingerprint bytea not null,
        internal_date bigint not null,
        internal_date_text text not null,
        flags text[] not null,
        size bigint not null,
        target_size bigint,
        read_back boolean not null default false,
        primary key (account_id, source, target, mailbox, source_uidvalidity, source_uid)
      );
      -- One copy stands for one message.
      create unique index ledger_target
        on ledger (account_id, source, target, target_mailbox, target_uidvalidity, target_uid);

      create table uidvalidity_seen (
        account_id bigint not null references account,
        platform text not null,
        mailbox text not null,
        uidvalidity bigint not null,
        primary key (account_id, platform, mailbox, uidvalidity)
      );

      create table receipt (
        id bigint generated always as identity primary key,
        account_id bigint not null references account,
        move_id bigint not null references move,
        body text not null,
        signature text not null,
        key_id text not null,
        at timestamptz not null default now()
      );
      create index receipt_by_account on receipt (account_id, id);
    `,
  },
  {
    name: '0012_standing',
    sql: `
      alter table mailbox_pair add standing jsonb;
    `,
  },
  {
    name: '0013_read-back',
    sql: `
      alter table move add read_back text not null default 'all' check (read_back in ('all', 'sample', 'none'));
    `,
  },
  {
    name: '0014_back',
    sql: `
      alter table move
        add back text check (back in ('following', 'asked')),
        add followed_at timestamptz,
        add back_until timestamptz;
    `,
  },
  {
    name: '0015_loss',
    sql: `
      alter table move drop constraint move_back_check,
        add constraint move_back_check check (back in ('following', 'asked', 'without', 'merging'));
      create table loss (
        move_id bigint primary key references move,
        account_id bigint not null references account,
        platform text not null,
        followed_at timestamptz not null,
        at timestamptz not null default clock_timestamp(),
        merged_at timestamptz,
        merged_messages bigint not null default 0,
        merged_bytes bigint not null default 0
      );
      create index loss_by_account on loss (account_id);
    `,
  },
  {
    name: '0017_under-way',
    sql: `
      alter table move add under_way_bytes bigint not null default 0;
    `,
  },
  {
    name: '0019_refused',
    sql: `
      alter table move add without jsonb;
      create table refused (
        account_id bigint not null references account,
        source text not null,
        target text not null,
        mailbox text not null,
        source_uidvalidity bigint not null,
        source_uid bigint not null,
        size bigint not null,
        failure text not null,
        reason text not null,
        move_id bigint not null references move,
        decided_by text,
        decided_at timestamptz,
        primary key (account_id, source, target, mailbox, source_uidvalidity, source_uid),
        check ((decided_by is null) = (decided_at is null))
      );
    `,
  },
  {
    name: '0023_given-up',
    sql: `
      alter table loss add given_up_at timestamptz;
    `,
  },
  {
    name: '0031_crowded',
    sql: `
      alter table move add crowded_at timestamptz;
    `,
  },
  {
    // Checked for each row, it was a third of what writing rows costs. Rows are written under the lock of their move's row,
    // which names the account and refers to it; moves are never deleted, nor are accounts.
    name: '0049_ledger-account',
    sql: `
      alter table ledger drop constraint ledger_account_id_fkey;
    `,
  },
];
