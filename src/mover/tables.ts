/**
 * The room's tables.
 *
 * move: one row a move; the truth about it (the queue only wakes). `claim` counts take-overs, and a writer that is no
 * longer (owner, claim) changes nothing. `back`: null for a move that somebody asked for; `following` for what keeps the
 * former home current until `back_until` (follow-back.ts), with `followed_at`, up to when; `asked` for a rollback,
 * `without` for one from a home that is dead (abandon.ts), `merging` for what brings the rest when it can be read again
 * (merge.ts). Rows that follow or merge end as cancelled: nothing is moved by them. `unclean` remembers that a connection or an owner was lost while commands may
 * have been on their way: no hold before `hold_after`.
 * mailbox_pair: which mailbox of the target stands for which of the source, and whether the mover made it.
 * ledger: source UID ↔ target UID ↔ fingerprint. A row is written only after the target's tagged OK; a row with
 * `read_back` was fetched from the target, and its bytes had this fingerprint.
 * uidvalidity_seen: every UIDVALIDITY that a client may have cached for a mailbox; never deleted.
 */
import type { Generated } from 'kysely';
import type { Migration } from '#store/index.ts';

export type MoveState = 'queued' | 'copying' | 'following' | 'held' | 'moved' | 'failed' | 'cancelled';

/** The states in which a move is still going on. */
export const OPEN: readonly MoveState[] = ['queued', 'copying', 'following', 'held'];

/** Why a move failed, by class: for gates, counters and the list of what a person must look at. */
export type FailureClass =
  | 'too-big'
  | 'quota'
  | 'content' // NUL, invalid header, virus: the message's bytes
  | 'append' // refused without a reason that we know
  | 'flags'
  | 'date'
  | 'mailbox' // CREATE, SELECT or the name
  | 'uidvalidity'
  | 'mismatch' // read back, and it was not what the source holds
  | 'sign-in'
  | 'source-read' // the source cannot give one of its messages
  | 'uidl' // POP3 clients would fetch all again
  | 'filters' // ManageSieve scripts that the target does not take
  | 'unavailable' // too many attempts in a row without progress
  | 'state' // the account's route is not what the move needs
  | 'internal';

/** Which copies are read back from the target: all, a sample of one in twenty, or none. */
export type ReadBack = 'all' | 'sample' | 'none';

export type MoveTable = {
  id: Generated<number>;
  account_id: number;
  source: string;
  target: string;
  wave_id: number | null;
  state: Generated<MoveState>;
  owner: string | null;
  owner_until: Date | null;
  claim: Generated<number>;
  /** Attempts in a row without progress. */
  attempt: Generated<number>;
  /** Of the last failed attempt, or of the failure. */
  error: string | null;
  failure: FailureClass | null;
  /** At the source, when last listed. */
  messages: Generated<number>;
  bytes: Generated<number>;
  copied_messages: Generated<number>;
  copied_bytes: Generated<number>;
  /** Of the hold in progress. */
  epoch: number | null;
  next_at: Generated<Date>;
  enqueued_at: Date | null;
  unclean: Generated<boolean>;
  hold_after: Generated<Date>;
  requested_at: Generated<Date>;
  started_at: Date | null;
  held_at: Date | null;
  ended_at: Date | null;
  hold_ms: number | null;
  backed_out: Generated<number>;
  read_back: Generated<ReadBack>;
  back: 'following' | 'asked' | 'without' | 'merging' | null;
  /** When the last pass began that left nothing to be carried. */
  followed_at: Date | null;
  back_until: Date | null;
};

/** Where both sides of a pair stood when a pass found nothing to do (standing.ts). */
export type Standing = { readonly source: string; readonly target: string; readonly messages: number; readonly bytes: number };

export type MailboxPairTable = {
  move_id: number;
  source_mailbox: string;
  target_mailbox: string;
  source_uidvalidity: number | null;
  target_uidvalidity: number | null;
  created: boolean;
  standing: Standing | null;
};

export type LedgerTable = {
  account_id: number;
  source: string;
  target: string;
  mailbox: string;
  source_uidvalidity: number;
  source_uid: number;
  target_mailbox: string;
  target_uidvalidity: number;
  target_uid: number;
  /** SHA-256 of the message's bytes as fetched from the source. */
  fingerprint: Buffer;
  /** Seconds since the epoch: what is compared; servers write the same instant in zones of their own. */
  internal_date: number;
  internal_date_text: string;
  flags: string[];
  /** Bytes as fetched. */
  size: number;
  /** RFC822.SIZE as the target said when the message was read back; some servers' differ from the bytes. */
  target_size: number | null;
  read_back: boolean;
};

export type ReceiptTable = {
  id: Generated<number>;
  account_id: number;
  move_id: number;
  body: string;
  signature: string;
  key_id: string;
  at: Generated<Date>;
};

/** What a rollback from a dead home left behind there. */
export type LossTable = {
  move_id: number;
  account_id: number;
  /** The platform that could not be read. */
  platform: string;
  /** What came to it later than this may be missing at the home; what came before is there. */
  followed_at: Date;
  at: Generated<Date>;
  merged_at: Date | null;
  merged_messages: Generated<number>;
  merged_bytes: Generated<number>;
};

export type MoverTables = {
  loss: LossTable;
  move: MoveTable;
  mailbox_pair: MailboxPairTable;
  ledger: LedgerTable;
  uidvalidity_seen: { account_id: number; platform: string; mailbox: string; uidvalidity: number };
  receipt: ReceiptTable;
};

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
];
