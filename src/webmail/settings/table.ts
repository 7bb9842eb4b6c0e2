/**
 * account_setting: small things that an account keeps at the portal, one JSON document a key. `revision` grows with each
 * change, so that nobody writes over what he has not read.
 */
import { sql } from 'kysely';
import type { Migration, Store, Tx } from '#store/index.ts';

export type SettingKey = 'preferences' | 'identities' | 'mailboxOrder' | 'mailboxRoles';
export type SettingRow = { readonly key: SettingKey; readonly value: string; readonly revision: number };

/** Bytes of one document: five signatures with pictures, or the order of all mailboxes that there may be. */
export const SETTING_LIMIT = 1_000_000;

export const settingMigrations: readonly Migration[] = [
  {
    name: '0024_settings',
    sql: `
      create table account_setting (
        account_id bigint not null references account (id),
        key text not null check (key in ('preferences', 'identities', 'mailboxOrder')),
        value text not null check (octet_length(value) <= 1000000),
        revision int not null default 1,
        changed_at timestamptz not null default now(),
        primary key (account_id, key)
      );
    `,
  },
  {
    name: '0050_mailbox-roles',
    sql: `
      alter table account_setting drop constraint account_setting_key_check,
        add constraint account_setting_key_check check (key in ('preferences', 'identities', 'mailboxOrder', 'mailboxRoles'));
    `,
  },
];

/** @returns those that there are */
export async function readSettings(reader: Store, accountId: number, keys: readonly SettingKey[]): Promise<readonly SettingRow[]> {
  const { rows } = await sql<SettingRow>`select key, value, revision from account_setting where account_id = ${accountId} and key = any(${keys})`.execute(reader.db());
  return rows;
}

/**
 * @param before the revision that was read; 0: there was none
 * @returns the new revision, or undefined when somebody else wrote meanwhile
 */
export async function writeSetting(tx: Tx, accountId: number, key: SettingKey, value: string, before: number): Promise<number | undefined> {
  const { rows } =
    before === 0
      ? await sql<{ revision: number }>`insert into account_setting (account_id, key, value) values (${accountId}, ${key}, ${value})
          on conflict do nothing returning revision`.execute(tx.db())
      : await sql<{ revision: number }>`update account_setting set value = ${value}, revision = revision + 1, changed_at = now()
          where account_id = ${accountId} and key = ${key} and revision = ${before} returning revision`.execute(tx.db());
  return rows[0]?.revision;
}
