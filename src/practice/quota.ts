/**
 * How much mail an account may hold: one limit for all its mailboxes together. What would go over it is refused; what is
 * there stays, even when it is more.
 */
import type { Account } from './maildir/account.ts';
import type { Services } from './services.ts';

type Limits = Pick<Services, 'quota' | 'vices'>;

/** Bytes, few enough for a test to fill. */
const SMALL = 20 * 1_024;

/** Bytes; undefined: no limit. */
export const limitOf = ({ quota, vices }: Limits): number | undefined => (vices.has('has-a-quota') ? SMALL : quota);

export function usedBy(account: Account): number {
  return account.names().reduce((sum, name) => {
    const mailbox = account.open(name);
    return sum + mailbox.messages.reduce((bytes, message) => bytes + mailbox.sizeOf(message), 0);
  }, 0);
}

/** Whether so many bytes more fit in. */
export function hasRoom(limits: Limits, account: Account, bytes: number): boolean {
  const limit = limitOf(limits);
  return limit === undefined || usedBy(account) + bytes <= limit;
}
