/** What an account has at a platform: its mailboxes, and how names are made there. */
import { CausewayError } from '#errors/index.ts';
import type { Mailbox as MailboxRef } from '#imap/commands/mailbox-name.ts';
import type { ImapConnection } from '#imap/connection.ts';
import { isInbox, isOwn } from './names.ts';
import type { Mailbox, Space } from './names.ts';

export type Side = { readonly mailboxes: readonly Mailbox[]; readonly space: Space; readonly refs: ReadonlyMap<string, MailboxRef> };

/** RFC 6154 section 2, less `\All` and `\Flagged`, which are views of other mailboxes. */
const USES = new Map(['\\Archive', '\\Drafts', '\\Junk', '\\Sent', '\\Trash'].map((use) => [use.toLowerCase(), use]));
const UNSELECTABLE = new Set(['\\noselect', '\\nonexistent']);

export async function readSide(connection: ImapConnection): Promise<Side> {
  const [namespaces, entries] = await Promise.all([connection.namespace(), connection.list('', '*', { specialUse: true })]);
  const [personal] = namespaces.personal;
  const inbox = entries.find(({ name }) => isInbox(name));
  const space: Space = {
    prefix: personal?.prefix ?? '',
    // A list of names tells the separator too; some servers leave it out of NAMESPACE.
    delimiter: personal?.delimiter ?? inbox?.delimiter ?? entries[0]?.delimiter,
    foreign: [...namespaces.other, ...namespaces.shared].map(({ prefix }) => prefix),
  };
  const own = entries
    .filter(({ name }) => isOwn(name, space))
    .map((entry) => (isInbox(entry.name) ? { ...entry, name: 'INBOX' } : entry));
  if (own.every(({ name }) => !isInbox(name))) {
    // RFC 3501 5.1: INBOX always is. A list without it is the work of a server in trouble.
    throw new CausewayError('unavailable', 'a platform lists no INBOX for the account');
  }
  return {
    space,
    refs: new Map(own.map((entry) => [entry.name, entry])),
    mailboxes: own.map(({ name, flags }) => ({
      name,
      selectable: !flags.some((flag) => UNSELECTABLE.has(flag.toLowerCase())),
      specialUse: flags.map((flag) => USES.get(flag.toLowerCase())).find((use) => use !== undefined),
    })),
  };
}
