import { mailboxName } from '#wire/imap/encode.ts';
import type { Part } from '../engine/output.ts';

/**
 * A mailbox: its name in UTF-8, or as a server listed it. `raw` is what the server sent, one character a byte: the only
 * way to name a mailbox whose name is no valid modified UTF-7 (Courier lets clients make them). A `ListEntry` is one.
 */
export type Mailbox = string | { readonly raw: string };

export function mailboxPart(mailbox: Mailbox): Part {
  if (typeof mailbox === 'string') return mailboxName(mailbox, { utf8: false });
  // Whatever a quoted string cannot hold goes as a literal.
  if (!/^[\x20-\x7e]*$/.test(mailbox.raw)) return Buffer.from(mailbox.raw, 'latin1');
  return `"${mailbox.raw.replaceAll(/["\\]/g, '\\$&')}"`;
}
