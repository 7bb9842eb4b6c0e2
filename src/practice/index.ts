/**
 * The embedded mail platform: a small real mail service on loopback, IMAP4rev1, POP3, ManageSieve, submission and LMTP
 * over Maildir++ on disk, with an authentication back end that can be killed or hung apart from the rest.
 *
 * Entrances, of all but LMTP alike: *replay*, the user's own secret on the protocol's port; *master*, `user*master` or
 * an authorization identity with the master's secret there; both are judged by the back end and die with it. *trusted*,
 * a port of its own where a shared token opens any account and no back end is asked.
 *
 * On disk, below the platform's folder:
 *
 *     users.json                    user → {salt, hash, master?}, hash = SHA-256(salt, NUL, secret) in base64url
 *     access.log, access.log.1      one JSON object a line for each command and each LMTP recipient (access-log.ts)
 *     uidvalidity                   the last UIDVALIDITY given
 *     tmp/                          messages being received; emptied at start
 *     <user>/sieve/<name>.sieve     a script, its name URL-encoded; `active` is a symbolic link to the one that is
 *     <user>/Maildir/               INBOX; the user in lower case
 *     <user>/Maildir/.<A>.<B>/      mailbox A/B: each level in modified UTF-7, a dot within a level as &AC4-, a slash
 *                                   as &AC8-, whatever separator the clients see
 *     <user>/Maildir/subscriptions  a mailbox a line, as on disk without the leading dot; INBOX is INBOX
 *     <user>/Maildir/specialuse     `\Sent <mailbox>` a line, the mailbox written in the same way
 *   and in each mailbox
 *     cur/<base>:2,<letters>        a message's exact bytes; its mtime is the internal date in whole seconds. Letters:
 *                                   D F R S T for \Draft \Flagged \Answered \Seen \Deleted, a-z for keywords
 *     new/                          only what others put there; taken into cur when the mailbox is opened
 *     keywords                      `<number> <keyword>` a line, 0 = a
 *     uidlist                       `V<uidvalidity> N<uidnext when written>`, then `<uid> <base>` a line, appended;
 *                                   lines whose file is gone are of expunged messages
 *     maildirfolder                 empty, in all but INBOX
 *
 * Invariants: message bytes never change; UIDs rise and survive SIGKILL at any instruction; a running platform is the
 * only writer of its folder (but for users.json). Nothing is synced to the disk: a power cut may lose what was answered.
 */
export { createPlatform, type Platform, type PlatformOptions, type PlatformParts } from './platform.ts';
export { type AuthControl, type PlatformProcess, startPlatformProcess } from './start.ts';
export type { Vice, Vices } from './vice.ts';
export { addMaster, addUser, addUsers, seedMailbox, type SeedMessage, type SeedOptions } from './seed.ts';
