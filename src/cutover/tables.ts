import type { Generated } from 'kysely';
import type { Migration } from '#store/index.ts';
import type { GateLimits } from './plan-file.ts';

/** `running` is moving accounts; `paused` waits for a person; the rest are ends. */
export type PlanState = 'ready' | 'running' | 'paused' | 'done';
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
  };
  wave_account: { wave_id: number; account_id: number };
};

export const migrations: readonly Migration[] = [
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
];
