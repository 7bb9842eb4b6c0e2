/**
 * A customer changes his own secret, with the old one.
 *
 * Invariants: the old one is judged as at any other sign-in, locks and all, and answered in the same words; whatever
 * changed the secret between that judgement and this change wins. It works while every platform is dead, as long as the
 * old secret is known here.
 */
import { findAccount } from '#directory/index.ts';
import { CausewayError, type ErrorCode } from '#errors/index.ts';
import type { Store } from '#store/index.ts';
import type { Accounts } from '../accounts.ts';
import type { Refusal } from '../replies.ts';
import type { Judge } from '../sign-in.ts';
import type { SecretSet, Secrets } from './secrets.ts';

export type OwnChange = (presented: {
  readonly login: string;
  readonly old: string;
  readonly secret: string;
  /** By which the old one is judged: what is known good of it is known by protocol. @default imap */
  readonly protocol?: 'imap' | 'webmail';
  /** The client's address. */
  readonly network: string;
  /** What the program says of itself. */
  readonly device?: string;
  readonly signal?: AbortSignal | undefined;
}) => Promise<SecretSet | { readonly outcome: 'refused'; readonly verdict: Refusal }>;

/** The promise rejects as `Secrets.set` does, and with CausewayError('conflict'), retryable, when the account changed just now. */
export function createOwnChange({ store, secrets, accounts, judge }: { store: Store; secrets: Secrets; accounts: Pick<Accounts, 'byLogin'>; judge: Judge }): OwnChange {
  return async ({ login, old, secret, protocol = 'imap', network, device, signal }) => {
    const held = accounts.byLogin(login);
    const entry = await findAccount(store, login);
    // What is judged below is judged by what this instance knows: it must be what the store has.
    if (entry !== undefined && held !== undefined && held.credentialVersion !== entry.account.credentialVersion) throw justChanged(login);
    // Where mail programs need app passwords, the old one is right at the portal alone.
    const stepped = entry?.account.secondStep !== undefined;
    const verdict = await judge({ protocol: stepped ? 'webmail' : protocol, login, secret: old, network, ...(device === undefined ? {} : { device }) }, () => undefined, signal);
    if (verdict.verdict !== 'accepted') return { outcome: 'refused', verdict };
    if (entry === undefined || entry.account.id !== verdict.accountId) throw justChanged(login);
    if (stepped && protocol !== 'webmail') {
      throw new CausewayError('refused', 'a code is asked for after the secret, and this way asks for none', { customerText: 'This account asks for a code after the password: please change the password in the webmail.' });
    }
    if (old === secret) throw new CausewayError('input', 'the new password is the old one', { customerText: 'The new password must be another one.' });
    return secrets.set(verdict.accountId, secret, { by: { actor: 'customer' }, act: 'account.secret-changed', version: entry.account.credentialVersion, shown: old });
  };
}

function justChanged(login: string): CausewayError {
  return new CausewayError('conflict', 'the account was changed a moment ago', { place: login, retryable: true, customerText: 'Please try again in a few seconds.' });
}

/** As it goes between processes. */
export type OwnChangeAsked = Omit<Parameters<OwnChange>[0], 'signal'>;
/** What the change gave, or threw: errors do not pass between processes as they are. */
export type OwnChangeAnswer =
  | { readonly outcome: 'changed' | 'asked' }
  | Extract<Awaited<ReturnType<OwnChange>>, { outcome: 'refused' }>
  | { readonly outcome: 'failed'; readonly code: ErrorCode; readonly message: string; readonly retryable: boolean; readonly customerText?: string };

/** Does it for another process, and never rejects. */
export async function answerChange(changeOwn: OwnChange, change: OwnChangeAsked, signal: AbortSignal): Promise<OwnChangeAnswer> {
  try {
    const set = await changeOwn({ ...change, signal });
    return set.outcome === 'refused' ? set : { outcome: set.outcome };
  } catch (error) {
    if (!(error instanceof CausewayError)) return { outcome: 'failed', code: 'internal', message: 'a fault of ours', retryable: false };
    const { code, message, retryable, customerText } = error;
    return { outcome: 'failed', code, message, retryable, ...(customerText === undefined ? {} : { customerText }) };
  }
}
