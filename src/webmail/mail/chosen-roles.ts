/**
 * What an account's owner uses mailboxes for, where that is not what the platform says or their names do: kept by us, as no
 * platform of those that customers come from lets it be set for a mailbox that is there (docs/webmail.md), and so it goes
 * with the account.
 *
 * Invariant: what a later version wrote and we do not know is as if nothing had been chosen.
 */
import type { MailAccess } from '../mail-access.ts';
import { CHOSEN_ROLES, type ChosenRole } from './api.ts';
import type { ChosenRoles } from './roles.ts';

/** As many as there may be mailboxes. */
const MOST = 5_000;

export const isChosenRole = (role: unknown): role is ChosenRole => (CHOSEN_ROLES as readonly unknown[]).includes(role);

/** Of what was kept. */
export function rolesIn(kept: unknown): ChosenRoles {
  if (typeof kept !== 'object' || kept === null) return {};
  return Object.fromEntries(Object.entries(kept).filter((entry): entry is [string, ChosenRole | null] => entry[1] === null || isChosenRole(entry[1])));
}

export async function keepRole(id: string, role: ChosenRole | null, access: MailAccess): Promise<void> {
  const roles = rolesIn(await access.settings?.read('mailboxRoles'));
  await access.settings?.write('mailboxRoles', Object.fromEntries([...Object.entries(roles).slice(-MOST), [id, role]]));
}
