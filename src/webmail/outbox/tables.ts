/**
 * webmail_outbox: mails that wait to be sent, so that their writers can think again. The mail itself lies among the drafts at
 * the account's home; a row names it by its id, which lasts over a move.
 *
 * state: `waiting` until `send_at`; `taken` by a process that reads it; `handing` while it is given to the platform: who
 * dies then leaves a mail of which nobody knows whether it was sent; `filing` when it was, until what its writer wanted
 * done with the draft is done; then `sent`. Or `refused` by the platform, `unknown`, `canceled`.
 */
import type { Migration } from '#store/index.ts';

export const outboxMigrations: readonly Migration[] = [
  {
    name: '0029_webmail-outbox',
    sql: `
      create table webmail_outbox (
        id text primary key,
        account_id bigint not null references account,
        version bigint not null,
        email_id text not null,
        identity_id text not null,
        thread_id text not null,
        mail_from text not null,
        rcpt_to text[] not null,
        filing jsonb,
        made_at timestamptz not null default clock_timestamp(),
        send_at timestamptz not null,
        state text not null default 'waiting'
          check (state in ('waiting', 'taken', 'handing', 'filing', 'sent', 'refused', 'unknown', 'canceled')),
        claim text,
        since timestamptz not null default clock_timestamp(),
        attempts int not null default 0,
        reply text
      );
      create index webmail_outbox_account on webmail_outbox (account_id, made_at);
      create index webmail_outbox_open on webmail_outbox (send_at) where state in ('waiting', 'taken', 'handing', 'filing');
    `,
  },
];
