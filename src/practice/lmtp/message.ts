/**
 * A message after DATA, by LMTP or by submission: taken to the spool, and from there into mailboxes.
 *
 * Invariant: its bytes are kept as they came, with one Return-Path line in front (RFC 5321 4.4: the final delivery adds it).
 */
import { createUnstuffer } from '#wire/smtp/dot-stuffing.ts';
import { INBOX } from '../maildir/names.ts';
import type { Spool } from '../maildir/spool.ts';
import { hasRoom } from '../quota.ts';
import type { Services } from '../services.ts';
import type { Lines } from './lines.ts';

export const returnPath = (sender: string): string => `Return-Path: <${sender}>\r\n`;

/** Takes the message to its end, whatever happens. @returns a refusal, `gone` when the client is */
export async function receive(lines: Lines, spool: Spool, sender: string, cap: number): Promise<string | undefined> {
  const unstuffer = createUnstuffer();
  let refusal: string | undefined;
  let size = 0;
  const write = (bytes: Buffer): void => {
    size += bytes.length;
    if (size > cap) refusal ??= '552 5.3.4 The message is too large';
    try {
      if (refusal === undefined) spool.write(bytes);
    } catch {
      refusal = '452 4.3.1 There is no room for the message';
    }
  };
  write(Buffer.from(returnPath(sender)));
  size = 0;
  for (;;) {
    const chunk = await lines.chunk();
    if (chunk === undefined) return 'gone';
    const { bytes, rest } = unstuffer.push(chunk);
    write(bytes);
    if (rest === undefined) continue;
    lines.unread(rest);
    spool.finish();
    return refusal;
  }
}

/** Into the user's INBOX. @returns the answer for the recipient */
export function deliver(services: Services, spool: Spool, user: string): string {
  try {
    const account = services.accounts.open(user);
    if (!hasRoom(services, account, spool.size())) return '552 5.2.2 The mailbox is full';
    const mailbox = account.open(INBOX);
    const seconds = Math.floor(services.clock.now() / 1_000);
    mailbox.add({ file: spool.file, size: spool.size(), by: 'copy', flags: 0, seconds });
    return '250 2.0.0 Delivered';
  } catch {
    return '451 4.3.0 The message could not be stored';
  }
}
