/**
 * What a platform holds of an account, read by other eyes than the mover's: over IMAP with imapflow, and from the
 * Maildir files on its disk.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ImapFlow } from 'imapflow';
import { flagsOf, type Seen } from './expectation.ts';
import { messageKey } from './message-key.ts';

/** Where and how to read a practice platform. */
export type PlatformEyes = {
  readonly name: string;
  /** The trusted port: judging must not depend on the authentication that a rehearsal kills. */
  readonly port: number;
  readonly token: string;
  /** The folder that holds `<address>/Maildir`. */
  readonly folder: string;
};

export type AccountSeen = {
  /** By message key; in each mailbox in UID order. */
  readonly messages: Map<string, Seen[]>;
  readonly mailboxes: Set<string>;
  /** Mailbox → special use. */
  readonly specialUse: Map<string, string>;
  readonly bytes: number;
  /** SHA-256 of every message as IMAP gave it, sorted. */
  readonly digests: string[];
};

export async function readAccount(platform: PlatformEyes, address: string): Promise<AccountSeen> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: platform.port,
    secure: false,
    doSTARTTLS: false,
    auth: { user: address, pass: platform.token },
    logger: false,
  });
  client.on('error', () => {});
  await client.connect();
  const messages = new Map<string, Seen[]>();
  const mailboxes = new Set<string>();
  const specialUse = new Map<string, string>();
  const digests: string[] = [];
  let bytes = 0;
  try {
    for (const entry of await client.list()) {
      if (entry.flags.has('\\Noselect') || entry.flags.has('\\NonExistent')) continue;
      const mailbox = entry.path.split(entry.delimiter || '/').join('/');
      mailboxes.add(mailbox);
      if (entry.specialUse && entry.specialUse !== '\\Inbox') specialUse.set(mailbox, entry.specialUse);
      const opened = await client.mailboxOpen(entry.path, { readOnly: true });
      if (opened.exists === 0) continue;
      for await (const message of client.fetch('1:*', { uid: true, flags: true, internalDate: true, source: true })) {
        const source = message.source!;
        const { key, sha } = messageKey(source);
        bytes += source.length;
        digests.push(createHash('sha256').update(source).digest('hex'));
        const seen: Seen = { mailbox, flags: flagsOf(message.flags ?? []), internalDate: new Date(message.internalDate!).getTime(), sha };
        messages.set(key, [...(messages.get(key) ?? []), seen]);
      }
    }
  } finally {
    await client.logout().catch(() => client.close());
  }
  return { messages, mailboxes, specialUse, bytes, digests: digests.sort() };
}

/** SHA-256 of every message file of an account on the platform's disk, sorted. */
export function readMaildir(platform: PlatformEyes, address: string): string[] {
  const maildir = join(platform.folder, address, 'Maildir');
  const digests: string[] = [];
  const folders = ['.', ...readdirSync(maildir).filter((name) => name.startsWith('.'))];
  for (const folder of folders) {
    for (const part of ['cur', 'new']) {
      const path = join(maildir, folder, part);
      let names: string[];
      try {
        names = readdirSync(path);
      } catch {
        continue; // A level of the hierarchy that is no mailbox.
      }
      for (const name of names) digests.push(createHash('sha256').update(readFileSync(join(path, name))).digest('hex'));
    }
  }
  return digests.sort();
}
