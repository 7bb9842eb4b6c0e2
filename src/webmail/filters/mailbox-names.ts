/** A mailbox's name at the platform by its levels, as rules have it: another platform has other separators. */
import { type Mailboxes, SEPARATOR } from '../mail/mailboxes.ts';

export function mailboxNamesOf({ all, prefix, delimiter }: Mailboxes): (levels: readonly string[]) => string {
  const byPath = new Map(all.map(({ path, fullName }) => [path, fullName]));
  return (levels) => {
    const there = byPath.get(levels.join(SEPARATOR));
    return there !== undefined && there !== '' ? there : (levels[0] === 'INBOX' ? '' : prefix) + levels.join(delimiter ?? '/');
  };
}
