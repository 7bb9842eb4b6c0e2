import type { Generated } from 'kysely';
import type { Migration } from '#store/index.ts';
import { forecastMigrations } from './forecast/table.ts';
import type { Readings } from './gates.ts';
import type { GateLimits } from './plan-file.ts';
import { toldMigrations } from './told.ts';

/** `running` is moving accounts; `paused` waits for a person; `done` and `aborted` are ends. */
export type PlanState = 'ready' | 'running' | 'paused' | 'done' | 'aborted';
export type WaveState = 'pending' | 'running' | 'done';

export type CutoverTables = {
  plan: {
    id: Generated<number>;
    name: string;
    source: string;
    target: string;
    state: PlanState;
    /** Why it is paused, in words for the operator. */
    reason: string | null;
    gates: GateLimits;
    created_at: Generated<Date>;
    started_at: Date | null;
    ended_at: Date | null;
  };
  wave: {
    id: Generated<number>;
    plan_id: number;
    number: number;
    name: string;
    state: WaveState;
    started_at: Date | null;
    ended_at: Date | null;
    /** Accounts that had not moved when somebody let the plan go on to the next wave. */
    left_behind: Generated<number>;
  };
  wave_account: { wave_id: number; account_id: number };
  /** Accounts that no wave moves until somebody lets them go. */
  held_back: { account_id: number; by: string; why: string; at: Generated<Date> };
  /** What the gates read, every few seconds while a wave is running. */
  gate_sample: { plan_id: number; at: Generated<Date>; wave_id: number; readings: Readings };
};

export const migrations: readonly Migration[] = [
  ...toldMigrations,
  {
    name: '0004_cutover',
    sql: `
      create table plan (
        id bigint generated always as identity primary key,
        name text not null unique,
        source text not null,
        target text not null,
        state text not null check (state in ('ready', 'running', 'paused', 'done')),
        reason text,
        gates jsonb not null,
        created_at timestamptz not null default now(),
        started_at timestamptz,
        ended_at timestamptz
      );
      -- Two plans at once would judge each other's figures.
      create unique index plan_one_at_a_time on plan ((true)) where state in ('running', 'paused');
      create table wave (
        id bigint generated always as identity primary key,
        plan_id bigint not null references plan on delete cascade,
        number int not null,
        name text not null,
        state text not null check (state in ('pending', 'running', 'done')),
        started_at timestamptz,
        ended_at timestamptz,
        unique (plan_id, number)
      );
      create table wave_account (
        wave_id bigint not null references wave on delete cascade,
        account_id bigint not null references account on delete cascade,
        primary key (wave_id, account_id)
      );
      create index wave_account_by_account on wave_account (account_id);
    `,
  },
  ...forecastMigrations,
  {
    name: '0043_cutover-acts',
    sql: `
      alter table plan drop constraint plan_state_check,
        add constraint plan_state_check check (state in ('ready', 'running', 'paused', 'done', 'aborted'));
      alter table wave add left_behind int not null default 0;
      create table held_back (
        account_id bigint primary key references account on delete cascade,
        by text not null,
        why text not null,
        at timestamptz not null default now()
      );
      create table gate_sample (
        plan_id bigint not null references plan on delete cascade,
        at timestamptz not null default now(),
        wave_id bigint not null,
        readings jsonb not null,
        primary key (plan_id, at)
      );
    `,
  },
];
