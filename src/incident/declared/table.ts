/**
 * The tables of what people declare.
 *
 * declared_incident: as its last update left it; planned work has both `planned_` times.
 * incident_update: never changed. Its id rises in the order of commits (declare.ts takes one lock), so a reader that has
 * seen up to one id misses none below it.
 */
import type { Migration } from '#store/index.ts';

export const declaredMigrations: readonly Migration[] = [
  {
    name: '0040_incident-declared',
    sql: `
      create table declared_incident (
        id uuid primary key,
        title text not null check (title <> '' and title !~ '[[:cntrl:]]'),
        title_es text check (title_es <> '' and title_es !~ '[[:cntrl:]]'),
        components text[] not null check (components <> '{}' and components <@ array['sign-in', 'webmail', 'imap', 'pop3', 'sending', 'receiving', 'moving']),
        state text not null check (state in ('investigating', 'identified', 'monitoring', 'planned', 'under-way', 'resolved')),
        impact text not null check (impact in ('minor', 'major', 'critical')),
        public bool not null,
        planned_from timestamptz,
        planned_until timestamptz check (planned_until > planned_from),
        began_at timestamptz not null,
        ended_at timestamptz,
        opened_by text not null,
        check ((planned_from is null) = (planned_until is null)),
        check ((state = 'resolved') = (ended_at is not null)),
        check (state = 'resolved' or (state in ('planned', 'under-way')) = (planned_from is not null))
      );
      create index declared_incident_open on declared_incident (began_at) where ended_at is null;
      create index declared_incident_ended on declared_incident (ended_at);

      create table incident_update (
        id bigint generated always as identity primary key,
        incident_id uuid not null references declared_incident (id),
        key uuid not null,
        at timestamptz not null default now(),
        state text not null,
        text text not null check (text <> ''),
        text_es text check (text_es <> ''),
        by text not null,
        unique (incident_id, key)
      );
    `,
  },
];
