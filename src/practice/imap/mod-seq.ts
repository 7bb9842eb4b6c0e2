/** Mod-sequences (RFC 7162), as a platform with its vices tells them. */
import type { Mailbox, Message } from '../maildir/mailbox.ts';
import type { Vices } from '../vice.ts';

export function modSeqOf(vices: Vices, mailbox: Mailbox, { arrival, change }: Message): number {
  if (vices.has('mod-seq-stands-still')) return mailbox.firstModSeq();
  return mailbox.firstModSeq() + (vices.has('hides-flag-changes') ? arrival : change);
}

export function highestModSeq(vices: Vices, mailbox: Mailbox): number {
  if (vices.has('mod-seq-stands-still')) return mailbox.firstModSeq();
  if (vices.has('hides-flag-changes')) return mailbox.firstModSeq() + mailbox.messages.reduce((most, { arrival }) => Math.max(most, arrival), 0);
  return mailbox.highestModSeq();
}
