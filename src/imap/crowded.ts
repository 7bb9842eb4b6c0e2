/**
 * A platform's cap on the connections of one account: Dovecot's mail_max_userip_connections ("Maximum number of
 * connections from user+IP exceeded"), Gmail's 15 ("Too many simultaneous connections"), and those of Cyrus and Zimbra.
 *
 * Invariant: a cap on one address or on the platform as a whole is not among them: it is not this account that has too many.
 */
import { CausewayError } from '#errors/index.ts';

const WORDS = /\buser ?\+ ?ip\b|userip_connections|(connections|sessions|logins) (from|for|per|by) (this |the |your )?(user|account|mailbox)|too many (simultaneous|concurrent|open) (connections|sessions|logins)(?! from (your|this) (ip|address|host))/i;

/** Whether an error, or a cause of it, tells that the account has as many connections as it may have. */
export function isCrowded(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof CausewayError && WORDS.test(cause.message)) return true;
  }
  return false;
}
