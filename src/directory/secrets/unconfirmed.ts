/**
 * A change that only a platform can make: it is asked by its provisioner, and counts once it has confirmed.
 *
 * Invariant: until then nothing changes here: the present secret is right, and the new one is what the platform says.
 * When two are under way, each that the platform confirms counts in its order, since it does so at the platform.
 */
import { CausewayError } from '#errors/index.ts';
import { audit, recordChange } from '#store/index.ts';
import type { Tx } from '#store/index.ts';
import { tellPlatforms } from '../outbox/write.ts';
import { ACCOUNT_TOPIC } from '../topic.ts';
import type { DirectoryTables } from '../tables.ts';
import { lockStanding } from './change.ts';
import type { NewSecret, Standing } from './change.ts';
import type { By } from './facts.ts';
import { rememberFormer } from './former.ts';
import { putHash } from './hash.ts';

/** @throws CausewayError('conflict') when `version` has passed, or the platform takes the secret in clear and it is not sealed */
export async function askForChange(
  tx: Tx,
  accountId: number,
  standing: Standing,
  secret: NewSecret,
  { by, version, form }: { by: By; version?: number | undefined; form: 'hash' | 'clear' },
): Promise<void> {
  const { address, authority } = standing;
  if (version !== undefined && version !== standing.version) throw new CausewayError('conflict', 'the account was changed meanwhile', { place: address, retryable: true });
  if (form === 'clear' && secret.sealed === undefined) {
    throw new CausewayError('conflict', `${authority} takes a new secret only in clear, which is not at hand`, { place: address, remedy: 'give this process the key of the known good' });
  }
  // The hash is ours to keep once the platform has confirmed, whatever it is told.
  const told = { platform: authority, detail: { hash: secret.encoded, confirm: true }, ...(form === 'clear' ? { sealed: secret.sealed } : {}) };
  await tellPlatforms(tx, accountId, 'secret', [told]);
  await audit(tx, { actor: by.actor, act: 'account.secret-change-asked', subject: `account:${accountId}`, why: by.why, detail: { platform: authority } });
}

/** The platform has it. In the transaction that marks the outbox's row as done. */
export async function confirmChange(tx: Tx, accountId: number, platform: string, encoded: string): Promise<void> {
  const { authority, version } = await lockStanding(tx, accountId);
  // Handed over meanwhile: the hash that went with it has the last word.
  if (authority !== platform) return;
  await rememberFormer(tx, accountId);
  await putHash(tx, accountId, 'captured', encoded);
  const db = tx.db<DirectoryTables>();
  await db.updateTable('account').set({ credential_version: version + 1 }).where('id', '=', accountId).execute();
  await db.deleteFrom('reset_link').where('account_id', '=', accountId).execute();
  await audit(tx, { actor: `provisioner:${platform}`, act: 'account.secret-changed', subject: `account:${accountId}`, detail: { version: version + 1 } });
  await recordChange(tx, ACCOUNT_TOPIC, accountId);
}
