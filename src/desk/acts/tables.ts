/**
 * desk_act: what technicians did or asked for about accounts; `kept` is what taking it back needs, never a secret.
 * account_incident: accounts that a person has attached to a declared incident.
 */
import type { Generated } from 'kysely';
import type { Migration } from '#store/index.ts';
import type { ActState, DeskActName } from './api.ts';

export type DeskActTables = {
  desk_act: {
    id: Generated<number>;
    account_id: number;
    name: DeskActName;
    state: ActState;
    by: string;
    why: string;
    at: Generated<Date>;
    kept: string;
    decided_by: string | null;
    decided_why: string | null;
    decided_at: Date | null;
    undone_by: string | null;
    undone_why: string | null;
    undone_at: Date | null;
  };
  account_incident: { account_id: number; incident_id: string; by: string; at: Generated<Date> };
};

export const deskActMigrations: readonly Migration[] = [
  {
    name: '0045_desk-acts',
    sql: `
      create table desk_act (
        id bigint generated always as identity primary key,
        account_id bigint not null references account on delete cascade,
        name text not null,
        state text not null check (state in ('asked', 'done', 'declined', 'undone')),
        by text not null,
        why text not null,
        at timestamptz not null default now(),
        kept jsonb not null,
        decided_by text,
        decided_why text,
        decided_at timestamptz,
        undone_by text,
        undone_why text,
        undone_at timestamptz,
        check (decided_by <> by)
      );
      create index desk_act_account on desk_act (account_id, id);
      create index desk_act_waiting on desk_act (id) where state = 'asked';

      create table account_incident (
        account_id bigint not null references account on delete cascade,
        incident_id uuid not null references declared_incident,
        by text not null,
        at timestamptz not null default now(),
        primary key (account_id, incident_id)
      );
      create index account_incident_incident on account_incident (incident_id);
    `,
  },
];
