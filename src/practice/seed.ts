/** Fills a platform's folder before the platform starts: users, and mailboxes with mail, straight on disk. */
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '#events/clock.ts';
import { type NewUser, usersFileOf, writeUsers } from './auth/users.ts';
import { createAccount, maildirOf } from './maildir/accounts.ts';
import { openAccount } from './maildir/account.ts';
import { lettersOf } from './maildir/flags.ts';
import { freshBase } from './maildir/mailbox.ts';
import { directoryOf, diskNameOf, type Separator } from './maildir/names.ts';
import { loadUidlist } from './maildir/uidlist.ts';
import { openUidValidity } from './maildir/uidvalidity.ts';

export type SeedMessage = {
  /** A file, copied byte by byte, or the bytes. */
  readonly file?: string;
  readonly bytes?: Buffer;
  /** `\Seen` and so on. */
  readonly flags?: readonly string[];
  readonly keywords?: readonly string[];
  readonly internalDateMs: number;
};

export type SeedOptions = {
  /** As the platform's own. Default `/`. */
  readonly separator?: Separator;
  /** As the platform's own. Default 0. */
  readonly uidValidityBase?: number;
  readonly specialUse?: readonly string[];
  readonly subscribe?: boolean;
};

/**
 * Makes the mailbox unless it exists and adds the messages in their order. The platform must not be running.
 * @returns its UIDVALIDITY and the UID of the first of the messages, the others following
 */
export function seedMailbox(
  folder: string,
  user: string,
  mailbox: string,
  messages: readonly SeedMessage[],
  options: SeedOptions = {},
): { uidValidity: number; firstUid: number } {
  const fresh = openUidValidity(folder, options.uidValidityBase ?? 0, systemClock.now);
  createAccount(folder, user, fresh);
  const maildir = maildirOf(folder, user);
  const spool = join(folder, 'tmp');
  mkdirSync(spool, { recursive: true });
  const account = openAccount(maildir, spool, fresh);
  const disk = diskNameOf(mailbox, options.separator ?? '/');
  const { keywords } = account.has(disk) ? account.open(disk) : account.create(disk, options.specialUse);
  if (options.subscribe) account.subscriptions.add(disk);
  const directory = join(maildir, directoryOf(disk));
  const { list } = loadUidlist(directory, () => true, fresh);
  const bases = messages.map((message) => {
    const bytes = message.bytes ?? readFileSync(message.file ?? '');
    const seconds = Math.floor(message.internalDateMs / 1_000);
    const base = freshBase(seconds, bytes.length);
    const bits = keywords.bits([...(message.flags ?? []), ...(message.keywords ?? [])]);
    const path = join(directory, 'cur', `${base}:2,${lettersOf(bits)}`);
    writeFileSync(path, bytes, { mode: 0o600 });
    utimesSync(path, seconds, seconds);
    return base;
  });
  return { uidValidity: list.uidValidity, firstUid: bases.length > 0 ? list.addAll(bases) : list.uidNext() };
}

/** Makes the user's Maildir, and its secret where one is given (a user without one can be entered as master or trusted only). */
export function addUser(folder: string, user: string, secret?: string, options: { uidValidityBase?: number } = {}): void {
  addUsers(folder, [{ user, secret }], options);
}

/** The same for many: one write of `users.json`. May be called while the platform runs. */
export function addUsers(folder: string, users: readonly { user: string; secret?: string }[], options: { uidValidityBase?: number } = {}): void {
  mkdirSync(folder, { recursive: true });
  const fresh = openUidValidity(folder, options.uidValidityBase ?? 0, systemClock.now);
  for (const { user } of users) createAccount(folder, user, fresh);
  const known = users.flatMap(({ user, secret }): NewUser[] => (secret === undefined ? [] : [{ user, secret }]));
  writeUsers(usersFileOf(folder), known);
}

/** Gives the master (`PlatformOptions.master`) its secret. It has no mailboxes. */
export function addMaster(folder: string, user: string, secret: string): void {
  writeUsers(usersFileOf(folder), [{ user, secret, master: true }]);
}
