/**
 * What was forecast, and how it came. A row is a revision; none is changed but for `ended_at`, which is set on all of a
 * subject's when it has ended, so that anybody can see how good they were. `began_at`: of the subject, by which the
 * quarter of the way is reckoned.
 * backlog: how many customers a trouble left behind, over time (backlog.ts).
 */
import type { Generated } from 'kysely';
import type { Migration } from '#store/index.ts';
import type { Basis, ForecastKind } from './forecast.ts';

export type ForecastTables = {
  forecast: {
    id: Generated<number>;
    kind: Exclude<ForecastKind, 'account'>;
    subject: number;
    made_at: Generated<Date>;
    began_at: Date | null;
    from_at: Date;
    likely_at: Date;
    to_at: Date;
    basis: Basis;
    ended_at: Date | null;
  };
  backlog: { id: Generated<number>; spell: number; at: Generated<Date>; customers: number };
};

export const forecastMigrations: readonly Migration[] = [
  {
    name: '0042_cutover-forecast',
    sql: `
      create table forecast (
        id bigint generated always as identity primary key,
        kind text not null check (kind in ('plan', 'wave', 'restoration')),
        subject bigint not null,
        made_at timestamptz not null default clock_timestamp(),
        began_at timestamptz,
        from_at timestamptz not null,
        likely_at timestamptz not null,
        to_at timestamptz not null,
        basis jsonb not null,
        ended_at timestamptz,
        check (from_at <= likely_at and likely_at <= to_at)
      );
      create index forecast_by_subject on forecast (kind, subject, id);
      create table backlog (
        id bigint generated always as identity primary key,
        -- The time from one moment without a backlog to the next: the id of its first row.
        spell bigint not null,
        at timestamptz not null default clock_timestamp(),
        customers int not null
      );
      create index backlog_by_spell on backlog (spell, id);
    `,
  },
];
