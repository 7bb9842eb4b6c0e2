/**
 * The room's own tables.
 *
 * staff: who works here. `password` is an Argon2id hash, or empty where there is none; `code` what the phone's codes are made
 *   from, sealed (`seal.ts`); `oidc_*` by what an identity provider knows the person (OpenID Connect Core 1.0, 2: `iss`, `sub`).
 *   Who has left stays, with `ended_at`: the audit names people, and an identity provider's word brings nobody back.
 * staff_passkey: their passkeys; the public half only.
 * staff_session: signed-in browsers, by the digests of what they show (`sessions.ts`).
 */
import type { Generated } from 'kysely';
import type { Migration } from '#store/index.ts';
import type { Role } from './api.ts';

export type StaffTables = {
  staff: { id: Generated<number>; name: string; role: Role; password: string; code: Buffer | null; code_step: Generated<number>; made_at: Generated<Date>; ended_at: Date | null; oidc_issuer: Generated<string | null>; oidc_subject: Generated<string | null> };
  staff_passkey: { id: string; staff_id: number; name: string; public_key: Buffer; made_at: Generated<Date>; used_at: Date | null };
  staff_session: { id: string; staff_id: number; token: Buffer; former: Buffer | null; turned_at: Date; confirmed: boolean; made_at: Date; seen_at: Date; network: string; device: string };
};

export const staffMigrations: readonly Migration[] = [
  {
    name: '0033_staff',
    sql: `
      create table staff (
        id bigint generated always as identity primary key,
        name text not null,
        role text not null check (role in ('level-one', 'level-two', 'lead', 'operator', 'administrator')),
        password text not null,
        code bytea,
        code_step bigint not null default 0,
        made_at timestamptz not null default now(),
        ended_at timestamptz
      );
      create unique index staff_name on staff (name) where ended_at is null;

      create table staff_passkey (
        id text primary key,
        staff_id bigint not null references staff (id),
        name text not null,
        public_key bytea not null,
        made_at timestamptz not null default now(),
        used_at timestamptz
      );
      create index staff_passkey_staff on staff_passkey (staff_id);

      create table staff_session (
        id text primary key,
        staff_id bigint not null references staff (id),
        token bytea not null unique,
        former bytea unique,
        turned_at timestamptz not null,
        confirmed boolean not null,
        made_at timestamptz not null,
        seen_at timestamptz not null,
        network text not null,
        device text not null
      );
      create index staff_session_staff on staff_session (staff_id);
    `,
  },
  {
    name: '0048_staff-oidc',
    sql: `
      alter table staff
        add column oidc_issuer text,
        add column oidc_subject text,
        add constraint staff_oidc_whole check ((oidc_issuer is null) = (oidc_subject is null));
      create index staff_oidc on staff (oidc_issuer, oidc_subject) where oidc_subject is not null;
      create unique index staff_oidc_present on staff (oidc_issuer, oidc_subject) where oidc_subject is not null and ended_at is null;
    `,
  },
];
