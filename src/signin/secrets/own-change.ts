/**
 * A customer changes his own secret, with the old one.
 *
 * Invariants: the old one is judged as at any other sign-in, locks and all, and answered in the same words; whatever
 * changed the secret between that judgement and this change wins. It works while every platform is dead, as long as the
 * old secret is known here.
 */
import { findAccount } from '#directory/index.ts';
import { CausewayError } from '#errors/index.ts';
import type { Store } from '#store/index.ts';
import type { Accounts } from '../accounts.ts';
import type { Refusal } from '../replies.ts';
import type { Judge } from '../sign-in.ts';
import type { SecretSet, Secrets } from './secrets.ts';

export type OwnChange = (presented: {
  readonly login: string;
  readonly old: string;
  readonly secret: string;
  /** The client's address. */
  readonly network: string;
  readonly signal?: AbortSignal | undefined;
}) => Promise<SecretSet | { readonly outcome: 'refused'; readonly verdict: Refusal }>;

/** The promise rejects as `Secrets.set` does, and with CausewayError('conflict'), retryable, when the account changed just now. */
export function createOwnChange({ store, secrets, accounts, judge }: { store: Store; secrets: Secrets; accounts: Pick<Accounts, 'byLogin'>; judge: Judge }): OwnChange {
  return async ({ login, old, secret, network, signal }) => {
    const held = accounts.byLogin(login);
    const entry = await findAccount(store, login);
    // What is judged below is judged by what this instance knows: it must be what the store has.
    if (entry !== undefined && held !== undefined && held.credentialVersion !== entry.account.credentialVersion) throw justChanged(login);
    const verdict = await judge({ protocol: 'imap', login, secret: old, network }, () => undefined, signal);
    if (verdict.verdict !== 'accepted') return { outcome: 'refused', verdict };
    if (entry === undefined || entry.account.id !== verdict.accountId) throw justChanged(login);
    if (old === secret) throw new CausewayError('input', 'the new password is the old one', { customerText: 'The new password must be another one.' });
    return secrets.set(verdict.accountId, secret, { by: { actor: 'customer' }, act: 'account.secret-changed', version: entry.account.credentialVersion, shown: old });
  };
}

function justChanged(login: string): CausewayError {
  return new CausewayError('conflict', 'the account was changed a moment ago', { place: login, retryable: true, customerText: 'Please try again in a few seconds.' });
}
