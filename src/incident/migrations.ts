import type { Migration } from '#store/index.ts';

/**
 * The room's table.
 *
 * incident: what each instance has seen. A row is written by its instance alone, and `seen_at` again while it is open: an
 * instance that died leaves none open for ever.
 */
export const incidentMigrations: readonly Migration[] = [
  {
    name: '0005_incident',
    sql: `
      create table incident (
        id uuid primary key,
        instance text not null,
        kind text not null check (kind in ('sentinel', 'known-unavailable')),
        platform text not null,
        protocols text[] not null,
        began_at timestamptz not null,
        ended_at timestamptz,
        occurrences bigint not null,
        accounts int not null,
        seen_at timestamptz not null default now()
      );
      create index incident_open on incident (seen_at) where ended_at is null;
      create index incident_began on incident (began_at);
    `,
  },
];
