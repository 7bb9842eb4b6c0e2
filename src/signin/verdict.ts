/**
 * The words of sign-in: an attempt, what a check found, and the verdict.
 *
 * Invariant: `rejected` stands only for a completed check by a healthy verifier with the account's authority; whatever
 * is not known is `unavailable`.
 */
import type { Account, Route } from './accounts.ts';

/** `submission` is SMTP with AUTH (RFC 6409, RFC 4954); `sieve` is ManageSieve (RFC 5804). */
export type MailProtocol = 'imap' | 'pop3' | 'submission' | 'sieve';

/** `webmail` comes by HTTP: a page's sign-in, and JMAP's clients with an app password (RFC 8620, 1.1). */
export type Protocol = MailProtocol | 'webmail';

/** One presentation of a secret. */
export type Attempt = {
  readonly protocol: Protocol;
  /** As the client sent it, decoded. */
  readonly login: string;
  /** Decoded as UTF-8; bytes that were none arrive as U+FFFD, and then the secret cannot be judged. */
  readonly secret: string;
  /** The client's address. */
  readonly network: string;
  /** What the program says of itself, where it does; for its owner to see. */
  readonly device?: string;
};

export type RejectedReason = 'secret' | 'unknown-name';

export type UnavailableReason =
  | 'suspended' // the account's state, with an answer of its own
  | 'closed' // likewise
  | 'send-blocked' // likewise, at submission, after a right secret
  | 'scope' // a right app password, by a protocol that it is not for
  | 'second-step' // a right secret, of an account whose mail programs get in with app passwords only
  | 'held' // a hold did not end in time
  | 'in-use' // POP3: another session has the maildrop
  | 'store' // a rejection could not be confirmed
  | 'overload' // no room to hash
  | 'no-hash' // the authority is ours, and we hold no hash that we can check
  | 'no-verifier' // the authority's platform has no sentinel configured
  | 'verifier-busy' // its queue is full, or the wait was too long
  | 'verifier-down' // it failed, timed out, or its breaker is open
  | 'verifier-unproven' // it refused, and its health could not be proven after
  | 'budget' // too many wrong secrets forwarded to it lately
  | 'pass-ended' // a browser's pass: signed out, the password was changed, or too old
  | 'changing' // the account changed under the check, again and again
  | 'deadline' // no verdict within the time that a client may wait
  | 'undecodable' // the secret is not UTF-8, holds NUL, or is longer than any that we check
  | 'aborted' // the client or the process went
  | 'internal';

/** What a portal shows of whom it let in. */
export type Customer = {
  /** In lower case: the account's own, whatever the home's platform knows it by. */
  readonly address: string;
  /** Of the secret that was accepted: a pass is made for it. */
  readonly version: number;
  readonly loginNames: readonly string[];
  /** It may read, and not send. */
  readonly sendBlocked: boolean;
  /** A code is asked for after the secret. Absent: none is. */
  readonly secondStep?: true;
  /** It came by an app password. */
  readonly byAppPassword?: true;
};

export type Verdict =
  /** `address`: what the home's platform knows the account by. */
  | { readonly verdict: 'accepted'; readonly accountId: number; readonly address: string; readonly home: string; /** Webmail's alone. */ readonly customer?: Customer }
  | { readonly verdict: 'rejected'; readonly reason: RejectedReason }
  | { readonly verdict: 'locked'; readonly reason: string }
  | { readonly verdict: 'unavailable'; readonly reason: UnavailableReason };

/** What names a session to those who hold it. */
export type SessionToken = string | number;

/**
 * Registers the session in memory, before its back end is dialled. Called at most once an attempt, synchronously with
 * the last look at the route, so that a hold sees either the session or no session to come.
 */
export type Register = (accountId: number, route: Route) => SessionToken | undefined;

/** How a right secret was known to be right. */
export type Evidence = 'known-good' | 'app-password' | 'hash' | 'platform';

/** What one look at an account's secret found. */
export type Finding =
  | { readonly found: 'right'; readonly by: Evidence }
  /**
   * `judgedFrom`: the moment, in the process's order of moments, from which what decided was looked at.
   * `mismatched`: the encoded hash that the secret was found not to match.
   */
  | { readonly found: 'wrong'; readonly judgedFrom: number; readonly mismatched: string | undefined }
  /** The account is not what it was when the check began; undefined when it is gone. */
  | { readonly found: 'changed'; readonly account: Account | undefined }
  | { readonly found: 'nothing'; readonly reason: UnavailableReason };

/**
 * The order of moments within this process. Two moments of one millisecond still have an order, which a refusal and
 * the sentinel that must come after it need.
 */
export type Order = () => number;

export function createOrder(): Order {
  let last = 0;
  return () => ++last;
}
