/**
 * The seam between the mail methods and what is around them: sign-in, connections, holds, submission, storage.
 *
 * Invariant: the methods keep nothing of their own between two requests but `memory`, which may be empty at any time.
 */
import type { Clock } from '#events/clock.ts';
import type { ImapConnection } from '#imap/connection.ts';
import type { RunSieve } from './filters/account-scripts.ts';
import type { Box } from './mail/mailboxes.ts';
import type { Location, MailMemory } from './mail/memory.ts';

export type MailAccess = {
  /** The JMAP account id. */
  readonly accountId: string;
  /** `jane@example.net` */
  readonly address: string;
  /** Whom the customer may write as. */
  readonly loginNames: readonly string[];
  readonly clock: Clock;
  readonly memory: MailMemory;
  /** Absent: an id lasts as long as `memory` and the home do. */
  readonly past?: Past;
  readonly blobs: Blobs;
  /**
   * Runs work on an IMAP connection of the account at its present home, signed in, with any mailbox or none selected and no
   * command in flight. Waits during a hold. Rejects with what the work threw, or with CausewayError 'unavailable'. Work is
   * run once and retried by nobody.
   */
  imap<T>(work: (connection: ImapConnection) => Promise<T>): Promise<T>;
  /** The same for a short piece of something long that is only beside what the customer looks at: others' work goes first. */
  imapPatiently<T>(work: (connection: ImapConnection) => Promise<T>): Promise<T>;
  /** Hands a message over as the account. Absent: nothing can be sent. Rejects with CausewayError; 'refused' for a definite no. */
  submit?(envelope: SmtpEnvelope, message: Buffer): Promise<void>;
  /** Mails that wait to be sent. Absent: they are sent at once. */
  readonly outbox?: Outbox;
  /** Runs work on a connection to the home's ManageSieve, as `imap` does. Absent: the platform has none. */
  readonly sieve?: RunSieve;
  /** Small things that the account keeps at the portal. Absent: they cannot be changed. */
  readonly settings?: Settings;
};

/** What is known of an account's ids from before: of former homes, and from other processes. */
export type Past = {
  /** Learns what others did; at most every few seconds. Never rejects, nor takes long. */
  refresh(): Promise<void>;
  /** In the order of the locations: ids under which messages were known before they came there. Never rejects. */
  idsAt(locations: readonly Location[]): Promise<(string | undefined)[]>;
  /** @param named ids, and the places that they name. Rejects with CausewayError 'unavailable'. */
  locationsOf(named: readonly Named[]): Promise<Map<string, Location>>;
  /** Emails were moved between mailboxes here, and keep their ids. Never rejects. */
  keep(moved: readonly { readonly id: string; readonly to: Location }[]): Promise<void>;
  /** The account's mailboxes here, with their ids. Never rejects. */
  noteMailboxes(boxes: readonly Box[]): Promise<void>;
};

/** A mail that is sent later, as it then lies among the account's mail. */
export type HeldMail = {
  readonly id: string;
  readonly emailId: string;
  readonly identityId: string;
  readonly threadId: string;
  readonly mailFrom: string;
  readonly rcptTo: readonly string[];
  readonly sendAt: Date;
  readonly filing: Filing | null;
};

/** What is done with the draft when it was sent: a patch of Email/set, or its end. */
export type Filing = { readonly update?: Record<string, unknown>; readonly destroy: boolean };

/** `answer`: what became of it at the platform, as far as that is known. */
export type Submitted = HeldMail & { readonly undoStatus: 'pending' | 'final' | 'canceled'; readonly answer?: { readonly reply: string; readonly isRefused: boolean } };

export type Outbox = {
  /** @returns false: it cannot be kept, and is not. Rejects when nobody knows whether it is kept, and with 'limit'. */
  hold(mail: HeldMail): Promise<boolean>;
  /** @returns whether it was still to be sent; now it is not. Rejects when nobody knows. */
  cancel(id: string): Promise<boolean>;
  /** Lately, the last first; empty when nobody knows. Never rejects. */
  list(): Promise<readonly Submitted[]>;
};

/** `isHere`: the place is one of the present home's. */
export type Named = { readonly id: string; readonly place: Location; readonly isHere: boolean };

export type SmtpEnvelope = { readonly mailFrom: string; readonly rcptTo: readonly string[] };

export type Blob = { readonly type: string; readonly bytes: Buffer };

/** What was uploaded. The owner caps size, number and age, and keeps one account's from another's. */
export type Blobs = {
  /** @returns an id of `U` and letters, digits, `-` */
  put(type: string, bytes: Buffer): Promise<string>;
  get(id: string): Promise<Blob | undefined>;
};

type SettingName = 'identities' | 'mailboxOrder' | 'mailboxRoles';

/** JSON by key. */
export type Settings = {
  read(key: SettingName): Promise<unknown>;
  /** By one question. @returns each in its place */
  readAll(keys: readonly SettingName[]): Promise<readonly unknown[]>;
  write(key: SettingName, value: unknown): Promise<void>;
};
