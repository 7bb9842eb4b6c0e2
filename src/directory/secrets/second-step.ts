/**
 * The second step of signing in at the portal: after the secret a code that the owner's phone makes (TOTP, RFC 6238), or
 * one of the recovery codes.
 *
 * Invariants: what the codes are made from is kept sealed (outbox/seal.ts); of recovery codes only digests are. Each
 * code serves once, over all instances: a compare-and-set on its time step, or on its row, decides. A change of the secret
 * turns nothing off.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { CausewayError } from '#errors/index.ts';
import { audit, recordChange, type Store, type Tx } from '#store/index.ts';
import { ACCOUNT_TOPIC } from '../topic.ts';
import type { DirectoryTables } from '../tables.ts';
import { lockStanding } from './change.ts';
import type { By } from './facts.ts';
import { lettersOf, makeSecret } from './made-secret.ts';

/** As others give; a sheet of paper shows them in one look. */
const RECOVERY_CODES = 10;

export type SecondStepFacts = { readonly since: Date; readonly everywhere: boolean; /** Recovery codes that were not used. */ readonly recoveryLeft: number };

/**
 * @param step the time step of the code by which the owner showed that the phone has it: it serves no more
 * @returns the recovery codes, to be shown once
 * @throws CausewayError('conflict') when it is on already, or the account is closed
 */
export async function turnSecondStepOn(tx: Tx, accountId: number, { sealed, step }: { sealed: Buffer; step: number }, by: By): Promise<readonly string[]> {
  const { address, state } = await lockStanding(tx, accountId);
  if (state === 'closed') throw new CausewayError('conflict', `the account ${address} is closed`, { place: address });
  const { numInsertedOrUpdatedRows } = await tx
    .db<DirectoryTables>()
    .insertInto('second_step')
    .values({ account_id: accountId, sealed, last_step: step })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows === 0n) throw new CausewayError('conflict', 'the second step is on already', { place: address, customerText: 'Codes are asked for already. Turn that off first to use another phone.' });
  await audit(tx, { actor: by.actor, act: 'account.second-step-on', subject: `account:${accountId}`, why: by.why });
  await recordChange(tx, ACCOUNT_TOPIC, accountId);
  return writeCodes(tx, accountId);
}

/** @throws CausewayError('not-found') when it is not on */
export async function turnSecondStepOff(tx: Tx, accountId: number, by: By): Promise<void> {
  const db = tx.db<DirectoryTables>();
  const { numDeletedRows } = await db.deleteFrom('second_step').where('account_id', '=', accountId).executeTakeFirstOrThrow();
  if (numDeletedRows === 0n) throw notOn();
  await db.deleteFrom('recovery_code').where('account_id', '=', accountId).execute();
  await audit(tx, { actor: by.actor, act: 'account.second-step-off', subject: `account:${accountId}`, why: by.why });
  await recordChange(tx, ACCOUNT_TOPIC, accountId);
}

/** Whether mail programs get in with app passwords only. @throws CausewayError('not-found') when the second step is not on */
export async function setSecondStepEverywhere(tx: Tx, accountId: number, everywhere: boolean, by: By): Promise<void> {
  const { numUpdatedRows } = await tx.db<DirectoryTables>().updateTable('second_step').set({ everywhere }).where('account_id', '=', accountId).executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) throw notOn();
  await audit(tx, { actor: by.actor, act: 'account.second-step-everywhere', subject: `account:${accountId}`, why: by.why, detail: { everywhere } });
  await recordChange(tx, ACCOUNT_TOPIC, accountId);
}

/** In the place of those before. @returns them, to be shown once @throws CausewayError('not-found') when the second step is not on */
export async function makeRecoveryCodes(tx: Tx, accountId: number, by: By): Promise<readonly string[]> {
  const row = await tx.db<DirectoryTables>().selectFrom('second_step').select('account_id').where('account_id', '=', accountId).forUpdate().executeTakeFirst();
  if (row === undefined) throw notOn();
  await audit(tx, { actor: by.actor, act: 'account.recovery-codes-made', subject: `account:${accountId}`, why: by.why });
  return writeCodes(tx, accountId);
}

async function writeCodes(tx: Tx, accountId: number): Promise<readonly string[]> {
  const codes = Array.from({ length: RECOVERY_CODES }, makeSecret);
  const db = tx.db<DirectoryTables>();
  await db.deleteFrom('recovery_code').where('account_id', '=', accountId).execute();
  await db.insertInto('recovery_code').values(codes.map((code) => ({ account_id: accountId, digest: digestOf(accountId, code)!, used_at: null }))).execute();
  return codes;
}

/** Undefined: it is not on. */
export async function readSecondStep(reader: Store | Tx, accountId: number): Promise<SecondStepFacts | undefined> {
  const { rows } = await sql<SecondStepFacts>`
    select t.created_at as since, t.everywhere,
      (select count(*) from recovery_code c where c.account_id = t.account_id and c.used_at is null) as "recoveryLeft"
    from second_step t where t.account_id = ${accountId}
  `.execute(reader.db());
  return rows[0];
}

/** Whether the code of this time step had not served yet, nor one of a later step; now it has. */
export async function useStep(store: Store, accountId: number, step: number): Promise<boolean> {
  const { numUpdatedRows } = await store.db<DirectoryTables>().updateTable('second_step').set({ last_step: step }).where('account_id', '=', accountId).where('last_step', '<', step).executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

/** Whether it has the form of a recovery code. */
export function looksLikeRecoveryCode(code: string): boolean {
  return lettersOf(code) !== undefined;
}

/** Whether it was one that serves; now it has served. */
export async function useRecoveryCode(tx: Tx, accountId: number, code: string, by: By): Promise<boolean> {
  const digest = digestOf(accountId, code);
  if (digest === undefined) return false;
  const { numUpdatedRows } = await tx
    .db<DirectoryTables>()
    .updateTable('recovery_code')
    .set({ used_at: sql<Date>`now()` })
    .where('account_id', '=', accountId)
    .where('digest', '=', digest)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) return false;
  await audit(tx, { actor: by.actor, act: 'account.recovery-code-used', subject: `account:${accountId}`, why: by.why });
  return true;
}

function digestOf(accountId: number, code: string): Buffer | undefined {
  const letters = lettersOf(code);
  return letters === undefined ? undefined : createHash('sha256').update(`causeway recovery code 1\0${accountId}\0${letters}`).digest();
}

function notOn(): CausewayError {
  return new CausewayError('not-found', 'the second step is not on', { customerText: 'Codes are not asked for.' });
}
