/**
 * What a platform's hook is told, and what it may answer: see docs/secrets.md. Pure.
 */
import type { Row } from './claim.ts';
import type { Seal } from './seal.ts';

/** Tells a platform. @throws CausewayError('unavailable') for whatever is no definite answer */
export type Push = (message: Message, signal: AbortSignal) => Promise<Pushed>;

export type Message = {
  /** Rises with each message about an account; one that is not above the last was overtaken, and is to be ignored. */
  readonly id: number;
  readonly act: 'create' | 'state' | 'names' | 'secret';
  /** `login`: what the platform knows the account by. */
  readonly account: { readonly id: number; readonly address: string; readonly login: string };
} & Readonly<Record<string, unknown>>;

export type Pushed =
  /** `login`: what it knows the account by from now on. */
  | { readonly answer: 'done'; readonly login?: string | undefined }
  /** The account is not on this platform. */
  | { readonly answer: 'absent' };

/** @throws Error when the secret cannot be opened: it was sealed under another key */
export function messageOf(row: Row, seal: Seal | undefined): Message {
  const { confirm: _confirm, hash, ...detail } = row.detail;
  const message = { id: row.id, act: row.act, account: { id: row.accountId, address: row.address, login: row.login }, ...detail };
  if (row.sealed === null) return hash === undefined ? message : { ...message, hash };
  if (seal === undefined) throw new Error('the secret is sealed, and this instance has no key');
  return { ...message, password: seal.open(row.accountId, row.sealed) };
}

/** What a hook answered, as far as it says something. @returns undefined for what is no login name */
export function loginIn(body: string): string | undefined {
  try {
    const value: unknown = JSON.parse(body);
    const login = typeof value === 'object' && value !== null && 'login' in value ? value.login : undefined;
    return typeof login === 'string' && login.length <= 320 && /^[^\s\p{Cc}]+$/u.test(login) ? login : undefined;
  } catch {
    return undefined;
  }
}
