/**
 * The tables of cases.
 *
 * desk_case: as its last act left it; `answer_due` and `solution_due` are promises, made by its priority when it was opened.
 * desk_entry: never changed. Of an update of an incident a case has one at most, whoever writes it.
 * desk_evidence: what was known of the account when the case was opened, or handed on.
 * desk_fanned: the updates whose cases were listed; desk_due: cases that an update is still to be told to.
 * desk_looking: who has a case open; unlogged, since after a crash of the store every page says so again.
 * desk_presence: who is on shift now. desk_shift: who is to be.
 * desk_hand_over: what one shift has left for the next to know.
 * desk_event: what the provider's own systems are told, in the order of ids; desk_hook and desk_delivery: to whom, still.
 * desk_call: calls, for the load.
 */
import type { Migration } from '#store/index.ts';

export const caseMigrations: readonly Migration[] = [
  {
    name: '0038_desk-cases',
    sql: `
      create table desk_case (
        id bigint generated always as identity primary key,
        key uuid not null unique,
        account_id bigint references account on delete set null,
        subject text not null check (length(subject) between 1 and 200),
        state text not null default 'open' check (state in ('open', 'waiting', 'closed', 'merged')),
        level smallint not null default 1 check (level in (1, 2)),
        priority text not null check (priority in ('urgent', 'high', 'normal', 'low')),
        assignee text,
        incident_id uuid,
        opened_at timestamptz not null default now(),
        opened_by text not null,
        answer_due timestamptz not null,
        solution_due timestamptz not null,
        first_answer_at timestamptz,
        closed_at timestamptz,
        merged_into bigint references desk_case,
        call_back_at timestamptz,
        call_back_phone text,
        check ((state in ('closed', 'merged')) = (closed_at is not null)),
        check ((state = 'merged') = (merged_into is not null)),
        check ((call_back_at is null) = (call_back_phone is null))
      );
      create index desk_case_queue on desk_case (level, solution_due, id) where state in ('open', 'waiting');
      create index desk_case_account on desk_case (account_id, id);
      create index desk_case_incident on desk_case (incident_id, id) where incident_id is not null;
      create index desk_case_mine on desk_case (assignee) where state in ('open', 'waiting');
      create index desk_case_call_back on desk_case (call_back_at) where call_back_at is not null;
      create index desk_case_opened on desk_case (opened_at);
      create index desk_case_closed on desk_case (closed_at) where closed_at is not null;
      create index desk_case_merged on desk_case (merged_into) where merged_into is not null;

      create table desk_entry (
        id bigint generated always as identity primary key,
        case_id bigint not null references desk_case,
        key uuid,
        at timestamptz not null default clock_timestamp(),
        by text not null,
        kind text not null check (kind in ('note', 'answer', 'call', 'hand-over', 'update', 'act')),
        text text not null check (length(text) between 1 and 12000),
        update_id bigint,
        check ((kind = 'update') = (update_id is not null))
      );
      create index desk_entry_case on desk_entry (case_id, id);
      create unique index desk_entry_key on desk_entry (case_id, key);
      create unique index desk_entry_update on desk_entry (case_id, update_id);

      create table desk_evidence (
        id bigint generated always as identity primary key,
        case_id bigint not null references desk_case,
        at timestamptz not null default clock_timestamp(),
        why text not null check (why in ('opened', 'escalated')),
        frozen jsonb not null check (length(frozen::text) <= 1000000)
      );
      create index desk_evidence_case on desk_evidence (case_id, id);

      create table desk_fanned (update_id bigint primary key);
      create table desk_due (
        case_id bigint not null references desk_case,
        update_id bigint not null,
        primary key (update_id, case_id)
      );
      create index desk_due_case on desk_due (case_id, update_id);

      create table desk_macro (
        id bigint generated always as identity primary key,
        name text not null unique check (length(name) between 1 and 80),
        text text not null check (length(text) between 1 and 4000),
        also jsonb not null
      );

      create unlogged table desk_looking (
        case_id bigint not null,
        staff text not null,
        writing boolean not null,
        since timestamptz not null default clock_timestamp(),
        seen_at timestamptz not null default clock_timestamp(),
        primary key (case_id, staff)
      );

      create table desk_shift (
        id bigint generated always as identity primary key,
        staff text not null,
        level smallint not null check (level in (1, 2)),
        from_at timestamptz not null,
        until_at timestamptz not null check (until_at > from_at)
      );
      create index desk_shift_until on desk_shift (until_at);

      create table desk_presence (
        staff text primary key,
        level smallint not null check (level in (1, 2)),
        presence text not null check (presence in ('available', 'busy', 'break')),
        since timestamptz not null default clock_timestamp(),
        seen_at timestamptz not null default clock_timestamp()
      );

      create table desk_call (
        id bigint generated always as identity primary key,
        key uuid not null unique,
        staff text not null,
        account_id bigint references account on delete set null,
        case_id bigint references desk_case,
        began_at timestamptz not null default clock_timestamp(),
        ended_at timestamptz
      );
      create index desk_call_began on desk_call (began_at);

      create table desk_event (
        id bigint generated always as identity primary key,
        at timestamptz not null default clock_timestamp(),
        kind text not null,
        case_id bigint not null references desk_case,
        body jsonb not null
      );
      create index desk_event_at on desk_event (at);
      create table desk_hook (name text primary key);
      create table desk_delivery (
        event_id bigint not null references desk_event on delete cascade,
        hook text not null references desk_hook on delete cascade,
        attempts int not null default 0,
        next_at timestamptz not null default clock_timestamp(),
        failure text,
        primary key (hook, event_id)
      );
      create index desk_delivery_event on desk_delivery (event_id);
      create index desk_delivery_next on desk_delivery (next_at);
    `,
  },
  {
    name: '0046_desk-hand-over',
    sql: `
      create table desk_hand_over (
        id bigint generated always as identity primary key,
        key uuid not null unique,
        at timestamptz not null default clock_timestamp(),
        by text not null,
        level smallint not null check (level in (1, 2)),
        text text not null check (length(text) between 1 and 1000)
      );
      create index desk_hand_over_at on desk_hand_over (at);
    `,
  },
];
