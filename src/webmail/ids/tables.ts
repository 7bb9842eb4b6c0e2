/**
 * Ids that outlast a process, an instance and a move.
 *
 * webmail_mailbox: which id a mailbox has at a home, by the platform's name and, where it has them, its object id. `since`:
 * from when clients may know it. webmail_email: emails that were moved between mailboxes through us and kept their ids;
 * bounded for each account (mail/memory.ts). `seq` tells what is new to an instance.
 */
import type { Migration } from '#store/index.ts';

export const idMigrations: readonly Migration[] = [
  {
    name: '0028_webmail-ids',
    sql: `
      create sequence webmail_ids;
      create table webmail_mailbox (
        account_id bigint not null references account,
        home text not null,
        mailbox text not null,
        object text,
        id text not null,
        since timestamptz not null default clock_timestamp(),
        seq bigint not null default nextval('webmail_ids'),
        primary key (account_id, home, mailbox)
      );
      create table webmail_email (
        account_id bigint not null references account,
        id text not null,
        home text not null,
        mailbox_id text not null,
        uidvalidity bigint not null,
        uid bigint not null,
        seq bigint not null default nextval('webmail_ids'),
        primary key (account_id, id),
        unique (account_id, home, mailbox_id, uidvalidity, uid)
      );
      create index webmail_email_seq on webmail_email (account_id, seq);
    `,
  },
];
