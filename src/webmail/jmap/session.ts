/** The session object (RFC 8620 section 2). */
import { createHash } from 'node:crypto';
import type { Limits } from './limits.ts';
import { CORE } from './core.ts';

export type SessionAccount = {
  readonly id: string;
  readonly name: string;
  /** URI → what the capability says of this account. */
  readonly capabilities: Readonly<Record<string, object>>;
};

export type SessionUrls = { readonly apiUrl: string; readonly downloadUrl: string; readonly uploadUrl: string; readonly eventSourceUrl: string };

export type Session = {
  readonly capabilities: Readonly<Record<string, object>>;
  readonly accounts: Readonly<Record<string, object>>;
  readonly primaryAccounts: Readonly<Record<string, string>>;
  readonly username: string;
  readonly state: string;
} & SessionUrls;

/** Comparing names and subjects without regard to case, in Unicode's way and in ASCII's (RFC 4790, RFC 5051). */
export const COLLATIONS = ['i;unicode-casemap', 'i;ascii-casemap', 'i;octet'];

/**
 * @param capabilities of the server, besides core's; usually empty objects
 * @param moment changes the state although nothing else did, for example the account's epoch: clients then read it again
 */
export function buildSession(username: string, account: SessionAccount, capabilities: Readonly<Record<string, object>>, urls: SessionUrls, limits: Limits, moment = ''): Session {
  const session = {
    capabilities: { [CORE]: { ...limits, collationAlgorithms: COLLATIONS }, ...capabilities },
    accounts: {
      [account.id]: { name: account.name, isPersonal: true, isReadOnly: false, accountCapabilities: account.capabilities },
    },
    primaryAccounts: Object.fromEntries(Object.keys(account.capabilities).map((uri) => [uri, account.id])),
    username,
    ...urls,
  };
  const state = createHash('sha256').update(JSON.stringify([session, moment])).digest('base64url').slice(0, 22);
  return { ...session, state };
}
