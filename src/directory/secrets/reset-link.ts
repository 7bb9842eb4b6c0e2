/**
 * One-time links by which a customer sets a new secret.
 *
 * Invariants: only the token's SHA-256 is kept (256 random bits need no slow hash: there is nothing to guess). A link
 * serves once, for an hour, and only while the account's credential version is the one it was made for: whatever changed
 * the secret since then ended it. A newer one takes the place of the one before.
 */
import { createHash, randomBytes } from 'node:crypto';
import { CausewayError } from '#errors/index.ts';
import { audit } from '#store/index.ts';
import type { Store, Tx } from '#store/index.ts';
import { sql } from 'kysely';
import type { DirectoryTables } from '../tables.ts';
import { changeFault, changeSecret, lockStanding } from './change.ts';
import type { Changed, NewSecret } from './change.ts';
import type { By, PlatformFacts } from './facts.ts';

/** Long enough for a call that is put on hold, short enough for a mail that is read by somebody else tomorrow. */
const LIVES_MS = 3_600_000;
const TOKEN_BYTES = 32;
/** base64url of TOKEN_BYTES. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

export type ResetLink = { readonly token: string; readonly expiresAt: Date };

/** @throws as `changeSecret`: a link that could not be redeemed is not made */
export async function createResetLink(tx: Tx, accountId: number, { by, facts }: { by: By; facts: PlatformFacts }): Promise<ResetLink> {
  const standing = await lockStanding(tx, accountId);
  const fault = changeFault(standing, facts);
  if (fault !== undefined) throw fault;
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const db = tx.db<DirectoryTables>();
  await db.deleteFrom('reset_link').where('account_id', '=', accountId).execute();
  const { expires_at: expiresAt } = await db
    .insertInto('reset_link')
    .values({ digest: digestOf(token), account_id: accountId, version: standing.version, made_by: by.actor, expires_at: sql<Date>`now() + ${LIVES_MS} * interval '1 ms'` })
    .returning('expires_at')
    .executeTakeFirstOrThrow();
  await audit(tx, { actor: by.actor, act: 'account.reset-link-made', subject: `account:${accountId}`, why: by.why, detail: { expiresAt } });
  return { token, expiresAt };
}

/** Whoever has the account's link has nothing any more. @returns whether there was one */
export async function withdrawResetLink(tx: Tx, accountId: number, by: By): Promise<boolean> {
  await lockStanding(tx, accountId);
  const { numDeletedRows } = await tx.db<DirectoryTables>().deleteFrom('reset_link').where('account_id', '=', accountId).executeTakeFirstOrThrow();
  if (numDeletedRows === 0n) return false;
  await audit(tx, { actor: by.actor, act: 'account.reset-link-withdrawn', subject: `account:${accountId}`, why: by.why });
  return true;
}

/** Whose secret the link sets, without using it up; undefined when it does not serve (any more). */
export async function readResetLink(store: Store, token: string): Promise<{ accountId: number; address: string; expiresAt: Date } | undefined> {
  if (!TOKEN.test(token)) return undefined;
  return store
    .db<DirectoryTables>()
    .selectFrom('reset_link as l')
    .innerJoin('account as a', (join) => join.onRef('a.id', '=', 'l.account_id').onRef('a.credential_version', '=', 'l.version'))
    .select(['a.id as accountId', 'a.address', 'l.expires_at as expiresAt'])
    .where('l.digest', '=', digestOf(token))
    .where('l.expires_at', '>', sql<Date>`now()`)
    .where('a.state', '!=', 'closed')
    .executeTakeFirst();
}

/**
 * Sets the secret and uses the link up.
 * @throws CausewayError('not-found') for a link that does not serve (any more); else as `changeSecret`
 */
export async function redeemResetLink(tx: Tx, token: string, secret: NewSecret, facts: PlatformFacts): Promise<Changed> {
  const gone = new CausewayError('not-found', 'the reset link was used, has expired, or never was', {
    customerText: 'This link does not work any more. Please ask for a new one.',
  });
  if (!TOKEN.test(token)) throw gone;
  const db = tx.db<DirectoryTables>();
  const found = await db.selectFrom('reset_link').select('account_id').where('digest', '=', digestOf(token)).executeTakeFirst();
  if (found === undefined) throw gone;
  // The account before the link, as everybody else takes them.
  const { version } = await lockStanding(tx, found.account_id);
  const link = await db
    .deleteFrom('reset_link')
    .where('digest', '=', digestOf(token))
    .where('expires_at', '>', sql<Date>`now()`)
    .returning(['account_id', 'version', 'made_by'])
    .executeTakeFirst();
  if (link === undefined || version !== link.version) throw gone;
  const by = { actor: 'customer:reset-link', why: `link made by ${link.made_by}` };
  return changeSecret(tx, link.account_id, secret, { by, facts, act: 'account.secret-reset', version });
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(`causeway reset link 1\0${token}`).digest();
}
