/**
 * Setting an account's secret: judged, hashed, and written with all that belongs to it.
 *
 * Invariants: the secret itself goes into the hash, and, for a platform that takes it in clear, into a seal; it is kept
 * nowhere else. Where the authority can be ours (see directory/secrets/change.ts) the change holds when this returns.
 * Where only the platform can change it, it is asked by its provisioner, and until it has confirmed nothing changes here.
 */
import { type By, type Changed, changeFault, changeSecret, findAppPassword, lockStanding, type NewSecret, type PlatformFacts, readEntries, readResetLink, redeemResetLink } from '#directory/index.ts';
import type { Seal } from '#directory/outbox/seal.ts';
import { askForChange } from '#directory/secrets/unconfirmed.ts';
import { CausewayError } from '#errors/index.ts';
import type { Store, Tx } from '#store/index.ts';
import { newSecretFault } from './new-secret.ts';

export type SecretSet =
  | ({ readonly outcome: 'changed' } & Changed)
  /** `platform` was asked; until its provisioner has confirmed, the present secret is the right one. */
  | { readonly outcome: 'asked'; readonly accountId: number; readonly platform: string };

export type SetOptions = {
  readonly by: By;
  /** What the audit calls it. */
  readonly act: 'account.secret-changed' | 'account.secret-reset';
  /** Only if the credential version still is this one. */
  readonly version?: number | undefined;
  /** By what the customer has shown who he is: an app password is not enough. */
  readonly shown?: string | undefined;
};

export type Secrets = {
  /**
   * @throws CausewayError('input') with a `customerText` for a secret that is none; CausewayError('refused') for `shown`;
   *   else as `changeSecret`
   */
  set(accountId: number, secret: string, options: SetOptions): Promise<SecretSet>;
  /** Judged and hashed; the change is made in a transaction of the caller's. @throws, and what it gives throws, as `set` */
  prepare(accountId: number, secret: string): Promise<(tx: Tx, options: SetOptions) => Promise<SecretSet>>;
  /** By a one-time link. @throws as `redeemResetLink`, and CausewayError('input') for a secret that is none: the link serves on */
  redeem(token: string, secret: string): Promise<Changed>;
};

export function createSecrets({
  store,
  makeHash,
  seal,
  facts,
}: {
  store: Store;
  /** `Hasher.makeInTurn`. @throws CausewayError('unavailable') when there is no room */
  makeHash: (secret: string) => Promise<string>;
  /** Undefined without a key: then nothing is sent in clear. */
  seal: Seal | undefined;
  facts: PlatformFacts;
}): Secrets {
  const inClear = [...facts.told.values()].includes('clear');

  async function prepare(accountId: number, secret: string): Promise<NewSecret> {
    const [entry] = await readEntries(store, [accountId]);
    if (entry === undefined) throw new CausewayError('not-found', `there is no account ${accountId}`);
    const { address, loginNames } = entry.account;
    const fault = newSecretFault(secret, [address, ...loginNames]);
    if (fault !== undefined) throw new CausewayError('input', `the new password is refused: ${fault.fault}`, { place: address, customerText: fault.text });
    return { encoded: await makeHash(secret), origin: 'ours', ...(inClear && seal !== undefined ? { sealed: seal.seal(accountId, secret) } : {}) };
  }

  async function write(tx: Tx, accountId: number, made: NewSecret, { by, act, version, shown }: SetOptions): Promise<SecretSet> {
    const standing = await lockStanding(tx, accountId);
    const [entry] = shown === undefined ? [] : await readEntries(tx, [accountId]);
    if (entry !== undefined && findAppPassword(entry.account, shown!) !== undefined) {
      throw new CausewayError('refused', 'an app password changes no other one', { place: standing.address, customerText: 'The password cannot be changed with an app password.' });
    }
    const fault = changeFault(standing, facts);
    const form = facts.told.get(standing.authority) ?? 'none';
    if (fault?.code === 'unavailable' && form !== 'none') {
      await askForChange(tx, accountId, standing, made, { by, version, form });
      return { outcome: 'asked', accountId, platform: standing.authority };
    }
    return { outcome: 'changed', ...(await changeSecret(tx, accountId, made, { by, facts, act, version })) };
  }

  return {
    async set(accountId, secret, options) {
      const made = await prepare(accountId, secret);
      return store.transaction((tx) => write(tx, accountId, made, options));
    },
    async prepare(accountId, secret) {
      const made = await prepare(accountId, secret);
      return (tx, options) => write(tx, accountId, made, options);
    },
    async redeem(token, secret) {
      const link = await readResetLink(store, token);
      // Hashing is work: none is done for a link that does not serve. What this one does is decided again in `redeem`.
      const made = link === undefined ? { encoded: '', origin: 'ours' as const } : await prepare(link.accountId, secret);
      return store.transaction((tx) => redeemResetLink(tx, link === undefined ? '' : token, made, facts));
    },
  };
}
