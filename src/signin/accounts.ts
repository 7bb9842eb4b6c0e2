/**
 * What sign-in needs of the directory, as types: who an account is, where it lives, and where to keep its secrets.
 *
 * Invariant: everything here but the promises is answered from memory, at once, with every dependency dead.
 */

import type { Account as DirectoryAccount, AccountState, HashOrigin, SignInSeen } from '#directory/index.ts';
import type { LockWriter } from './locks/told.ts';

export type { AccountState, HashOrigin };

/** What sign-in looks at of an account. */
export type Account = Pick<
  DirectoryAccount,
  'id' | 'address' | 'state' | 'authority' | 'credentialVersion' | 'hash' | 'former' | 'appPasswords' | 'revoked' | 'secondStep' | 'platformLogins' | 'loginNames' | 'unlocks'
>;

export type Accounts = {
  /** The instance's copy, at most a feed's delay old, or older while the store is gone. */
  byLogin(name: string): Account | undefined;
  /** Whether the copy is: the store answered lately. */
  fresh(): boolean;
  /** Whether the store has been silent for longer than a secret that was changed meanwhile may go on being accepted. */
  stale(): boolean;
  /**
   * Read in the store. The read must begin after the call (a batch that has begun may not be joined): a rejection rests
   * on it. Rejects when the store does not answer.
   */
  confirm(id: number): Promise<Account | undefined>;
  /** As `confirm`, by login name. */
  confirmLogin(name: string): Promise<Account | undefined>;
};

export type Route = {
  /** A platform's name. */
  readonly home: string;
  /** Raised by each hold. */
  readonly epoch: number;
};

export type Routes = {
  /**
   * The route now. Undefined while the account is held, from the moment on that this instance may acknowledge the hold,
   * and when the account must not be served here for another reason.
   */
  homeNow(accountId: number): Route | undefined;
  /** Waits while the account is held, at most `waitMs`; rejects when it still is, or when too many wait already. */
  home(accountId: number, options: { waitMs: number; signal: AbortSignal }): Promise<Route>;
};

/** Where sign-in keeps what it learns. Each call is one transaction that does nothing when the version has moved on. */
export type SecretKeeper = {
  /** Puts `encoded` in the place of the account's hash, if its credential version still is `expectedVersion`. */
  storeHash(accountId: number, encoded: string, origin: HashOrigin, expectedVersion: number): Promise<void>;
  /**
   * The authority refused a secret that we held as good: raises the credential version if it still is
   * `expectedVersion`, and deletes the account's hash too if `hashMatched` (it was that secret's).
   */
  dropHeld(accountId: number, expectedVersion: number, hashMatched: boolean): Promise<void>;
  /** When app passwords were last used. */
  noteUse(used: ReadonlyMap<number, Date>): Promise<void>;
  /** When platforms last accepted the secrets that the accounts' hashes are of. */
  noteProven(proven: ReadonlyMap<number, Date>): Promise<void>;
  /** From where and by what secrets were presented. */
  noteSignIns(seen: readonly SignInSeen[]): Promise<void>;
  /** Drops what is too old of that. */
  forgetSignIns(): Promise<void>;
  /** What the desk is told of accounts' locks. */
  tellLocks: LockWriter;
};
