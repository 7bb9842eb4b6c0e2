/**
 * The change of an account's secret, in one transaction: hash, credential version, authority, outbox, audit.
 *
 * Invariants: when it commits, the new secret is right here and the old one is not; until it commits nothing changed. So
 * it must not depend on a platform's answer: the authority has to be ours, or become ours in the same transaction. It
 * may, since the secret is known now, if the account's home lets us in without it. Otherwise a change would be accepted
 * here and refused there (or the other way), and is not made: see `tellUnconfirmed` for the way that remains.
 */
import { CausewayError } from '#errors/index.ts';
import { audit, recordChange } from '#store/index.ts';
import type { Tx } from '#store/index.ts';
import { OURS } from '../account.ts';
import type { AccountState } from '../account.ts';
import { ACCOUNT_TOPIC } from '../topic.ts';
import { tellPlatforms } from '../outbox/write.ts';
import { changeNumber } from '../progress.ts';
import type { DirectoryTables } from '../tables.ts';
import type { By, PlatformFacts } from './facts.ts';
import { rememberFormer } from './former.ts';
import { putHash } from './hash.ts';

export type NewSecret = {
  /** The hash: `{ARGON2ID}...` of our own making, or one that the provider's system gave. */
  readonly encoded: string;
  /** `imported`: it was given as a hash. */
  readonly origin: 'ours' | 'imported';
  /** The secret itself, encrypted for the outbox: needed where a platform takes it in clear. */
  readonly sealed?: Buffer | undefined;
};

export type Changed = {
  readonly accountId: number;
  /** The new credential version. */
  readonly version: number;
  /** The platform from which the authority was taken by this change; undefined when it was ours. */
  readonly takenFrom: string | undefined;
  /** The platforms that will be told. */
  readonly told: readonly string[];
  /** For `confirmationsOf`: who has heard of it. */
  readonly change: string;
};

export type ChangeOptions = {
  readonly by: By;
  readonly facts: PlatformFacts;
  /** What the audit calls it: `account.secret-changed`, `account.secret-reset`. */
  readonly act: string;
  /** The change is made only if the account still has this credential version. */
  readonly version?: number | undefined;
};

export type Standing = { readonly address: string; readonly state: AccountState; readonly authority: string; readonly version: number; readonly home: string };

/** Locks the account's row. @throws CausewayError('not-found') */
export async function lockStanding(tx: Tx, accountId: number): Promise<Standing> {
  const row = await tx
    .db<DirectoryTables>()
    .selectFrom('account as a')
    .innerJoin('route as r', 'r.account_id', 'a.id')
    .select(['a.address', 'a.state', 'a.authority', 'a.credential_version as version', 'r.home'])
    .where('a.id', '=', accountId)
    .forNoKeyUpdate('a')
    .executeTakeFirst();
  if (row === undefined) throw new CausewayError('not-found', `there is no account ${accountId}`);
  return row;
}

/**
 * Why no secret can be set through us now; undefined when one can.
 * @returns an error to be thrown: CausewayError('conflict') for a closed account, CausewayError('unavailable') where only
 *   the platform could change it
 */
export function changeFault({ address, state, authority, home }: Standing, { opens }: PlatformFacts): CausewayError | undefined {
  if (state === 'closed') return new CausewayError('conflict', `the account ${address} is closed`, { place: address, customerText: 'This account is closed.' });
  if (authority === OURS || opens.has(home)) return undefined;
  return new CausewayError('unavailable', `${home} lets us in only with the customer's secret, and ${authority} has the last word on it`, {
    place: address,
    retryable: false,
    remedy: `change it at ${authority}, or give ${home} a master or a trusted entrance`,
    customerText: 'The password cannot be changed here at this moment. The present one goes on working.',
  });
}

/**
 * @throws CausewayError('not-found'); CausewayError('conflict') for a closed account, or when `version` has passed;
 *   CausewayError('unavailable') where only the platform could change it
 */
export async function changeSecret(tx: Tx, accountId: number, secret: NewSecret, { by, facts, act, version: expected }: ChangeOptions): Promise<Changed> {
  const before = await lockStanding(tx, accountId);
  if (expected !== undefined && expected !== before.version) {
    throw new CausewayError('conflict', 'the account was changed meanwhile', { place: before.address, retryable: true });
  }
  const fault = changeFault(before, facts);
  if (fault !== undefined) throw fault;
  const db = tx.db<DirectoryTables>();
  const takenFrom = before.authority === OURS ? undefined : before.authority;
  await rememberFormer(tx, accountId);
  await putHash(tx, accountId, secret.origin, secret.encoded);
  const version = before.version + 1;
  await db
    .updateTable('account')
    .set({ credential_version: version, authority: OURS, ...(takenFrom === undefined ? {} : { former_authority: takenFrom, former_version: before.version }) })
    .where('id', '=', accountId)
    .execute();
  // One that was asked for before this change would undo it.
  await db.deleteFrom('reset_link').where('account_id', '=', accountId).execute();
  const told = await tellSecret(tx, { accountId, address: before.address, secret, version, facts });
  await audit(tx, { actor: by.actor, act, subject: `account:${accountId}`, why: by.why, detail: { version, ...(takenFrom === undefined ? {} : { takenFrom }), told } });
  await recordChange(tx, ACCOUNT_TOPIC, accountId);
  return { accountId, version, takenFrom, told, change: await changeNumber(tx) };
}

async function tellSecret(
  tx: Tx,
  { accountId, address, secret, version, facts }: { accountId: number; address: string; secret: NewSecret; version: number; facts: PlatformFacts },
): Promise<string[]> {
  const told: { platform: string; detail: Record<string, unknown>; sealed?: Buffer }[] = [];
  for (const [platform, form] of facts.told) {
    if (form === 'hash') told.push({ platform, detail: { hash: secret.encoded, version } });
    if (form !== 'clear') continue;
    if (secret.sealed === undefined) {
      throw new CausewayError('conflict', `${platform} takes a new secret only in clear, which is not at hand`, {
        place: address,
        remedy: secret.origin === 'imported' ? 'set the secret itself, not its hash' : 'give this process the key of the known good, or let the provisioner take hashes',
      });
    }
    told.push({ platform, detail: { version }, sealed: secret.sealed });
  }
  await tellPlatforms(tx, accountId, 'secret', told);
  return told.map(({ platform }) => platform);
}
