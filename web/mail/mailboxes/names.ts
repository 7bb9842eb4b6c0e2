/**
 * Names and icons of mailboxes: those whose names say what they are for are called as the reader's language has it. What its
 * owner named otherwise keeps that name, so that two mailboxes are never called the same.
 */
import type { IconName } from '#ui/icons.ts';
import { say, useLanguage } from '#ui/words.ts';
import { roleByName } from '#webmail/mail/api.ts';
import type { Mailbox, Role } from '../api/types.ts';
import { words } from './words.ts';

const ICONS: Partial<Record<Role, IconName>> = { inbox: 'inbox', drafts: 'drafts', sent: 'sent', archive: 'archive', junk: 'junk', trash: 'trash', flagged: 'star', all: 'mail', important: 'flag' };

export const iconOf = ({ role }: Pick<Mailbox, 'role'>): IconName => (role === null ? undefined : ICONS[role]) ?? 'folder';

type Named = Pick<Mailbox, 'role' | 'name'>;

/** Outside of components. */
export function sayMailboxName({ role, name }: Named): string {
  const w = say(words);
  if (role === 'inbox') return w.inbox;
  const said = roleByName(name);
  return said !== undefined && said === role ? w[said] : name;
}

export function useMailboxName(): (box: Named) => string {
  // Named anew when the language changes.
  useLanguage();
  return sayMailboxName;
}
