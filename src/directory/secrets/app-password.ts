/**
 * App passwords: secrets that we make, one for each device or program, each for some protocols only.
 *
 * Invariants: shown once, then only its digest is kept (made-secret.ts says why SHA-256 serves: Argon2 makes up for what
 * people choose, and nobody chooses these); so judging one takes a microsecond, from memory, with everything else dead. A
 * revoked one is gone from the instances' memory by the change feed; nothing else remembers it as good.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { audit, recordChange } from '#store/index.ts';
import type { Store, Tx } from '#store/index.ts';
import type { Account, AppPassword, AppScope } from '../account.ts';
import { ACCOUNT_TOPIC } from '../topic.ts';
import { changeNumber } from '../progress.ts';
import type { DirectoryTables } from '../tables.ts';
import { lockStanding } from './change.ts';
import type { By, PlatformFacts } from './facts.ts';
import { MOST_APP_PASSWORDS } from './former.ts';
import { labelOf } from './label.ts';
import { lettersOf, makeSecret } from './made-secret.ts';

/** What is kept of an app password. @returns undefined for what has not the form of one */
export function appPasswordDigest(accountId: number, secret: string): Buffer | undefined {
  const letters = lettersOf(secret);
  return letters === undefined ? undefined : createHash('sha256').update(`causeway app password 1\0${accountId}\0${letters}`).digest();
}

/** Whether a secret could be one at all. */
export function looksLikeAppPassword(secret: string): boolean {
  return lettersOf(secret) !== undefined;
}

/** The account's app password that `secret` is, whatever it may be used for. */
export function findAppPassword(account: Pick<Account, 'id' | 'appPasswords'>, secret: string): AppPassword | undefined {
  if (account.appPasswords === undefined) return undefined;
  // Nobody can choose a digest's bytes by choosing a secret, so the time of the comparison tells nothing.
  const digest = appPasswordDigest(account.id, secret)?.toString('base64');
  return account.appPasswords.find((one) => one.digest === digest);
}

/** Whether `secret` is an app password that was revoked lately. */
export function wasAppPassword(account: Pick<Account, 'id' | 'revoked'>, secret: string): boolean {
  const digest = account.revoked === undefined ? undefined : appPasswordDigest(account.id, secret)?.toString('base64');
  return digest !== undefined && account.revoked!.includes(digest);
}

export type MadeAppPassword = { readonly id: number; /** To be shown once. */ readonly secret: string };

/**
 * @throws CausewayError('input') for a label or scope that is none; CausewayError('limit'); CausewayError('not-found');
 *   CausewayError('conflict') for a closed account; CausewayError('unavailable') where the home takes nothing but the
 *   customer's own secret
 */
export async function createAppPassword(
  tx: Tx,
  accountId: number,
  { label, scope, by, facts }: { label: string; scope: readonly AppScope[]; by: By; facts: PlatformFacts },
): Promise<MadeAppPassword> {
  const name = labelOf(label);
  if (scope.length === 0) throw new CausewayError('input', 'an app password serves at least one protocol');
  const { address, state, home } = await lockStanding(tx, accountId);
  if (state === 'closed') throw new CausewayError('conflict', `the account ${address} is closed`, { place: address });
  if (!facts.opens.has(home)) {
    throw new CausewayError('unavailable', `${home} takes nothing but the customer's own secret`, {
      place: address,
      retryable: false,
      remedy: `give ${home} a master or a trusted entrance`,
    });
  }
  const db = tx.db<DirectoryTables>();
  const { count } = await db
    .selectFrom('app_password')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('account_id', '=', accountId)
    .where('revoked_at', 'is', null)
    .executeTakeFirstOrThrow();
  if (count >= MOST_APP_PASSWORDS) throw new CausewayError('limit', `the account has ${count} app passwords`, { place: address, remedy: 'revoke one first' });
  const secret = makeSecret();
  const kept = [...new Set(scope)];
  const { id } = await db
    .insertInto('app_password')
    .values({ account_id: accountId, label: name, scope: sql<AppScope[]>`${kept}::text[]`, digest: appPasswordDigest(accountId, secret)! })
    .returning('id')
    .executeTakeFirstOrThrow();
  await audit(tx, { actor: by.actor, act: 'account.app-password-made', subject: `account:${accountId}`, why: by.why, detail: { appPassword: id, scope: kept } });
  await recordChange(tx, ACCOUNT_TOPIC, accountId);
  return { id, secret };
}

/** @returns for `confirmationsOf`: who has heard of it @throws CausewayError('not-found') */
export async function revokeAppPassword(tx: Tx, accountId: number, id: number, by: By): Promise<{ change: string }> {
  const { numUpdatedRows } = await tx
    .db<DirectoryTables>()
    .updateTable('app_password')
    .set({ revoked_at: sql<Date>`now()` })
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .where('revoked_at', 'is', null)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) throw new CausewayError('not-found', `the account has no app password ${id}, or it is revoked`);
  await audit(tx, { actor: by.actor, act: 'account.app-password-revoked', subject: `account:${accountId}`, why: by.why, detail: { appPassword: id } });
  await recordChange(tx, ACCOUNT_TOPIC, accountId);
  return { change: await changeNumber(tx) };
}

export type ListedAppPassword = {
  readonly id: number;
  readonly label: string;
  readonly scope: readonly AppScope[];
  readonly createdAt: Date;
  /** To the hour: it is written down beside the sign-ins, not by them. */
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
};

/** Newest first, revoked ones too. */
export async function listAppPasswords(reader: Store | Tx, accountId: number): Promise<ListedAppPassword[]> {
  return reader
    .db<DirectoryTables>()
    .selectFrom('app_password')
    .select(['id', 'label', 'scope', 'created_at as createdAt', 'last_used_at as lastUsedAt', 'revoked_at as revokedAt'])
    .where('account_id', '=', accountId)
    .orderBy('id', 'desc')
    .execute();
}

/** Notes when app passwords were last used. */
export async function noteAppPasswordUse(store: Store, used: ReadonlyMap<number, Date>): Promise<void> {
  await sql`
    update app_password w set last_used_at = greatest(w.last_used_at, u.at)
    from unnest(${[...used.keys()]}::bigint[], ${[...used.values()]}::timestamptz[]) as u (id, at)
    where w.id = u.id
  `.execute(store.db());
}
