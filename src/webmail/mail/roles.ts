/** What a mailbox is for: as its owner chose, else as the platform says (RFC 6154, RFC 8457), else by its name (api.ts). */
import type { ChosenRole } from './api.ts';

export type Role = 'inbox' | 'archive' | 'drafts' | 'flagged' | 'important' | 'junk' | 'sent' | 'trash' | 'all';

/** By mailbox; null: it is for nothing, whatever its name. */
export type ChosenRoles = Readonly<Record<string, ChosenRole | null | undefined>>;

const BY_FLAG: ReadonlyMap<string, Role> = new Map([
  ['\\all', 'all'], ['\\archive', 'archive'], ['\\drafts', 'drafts'], ['\\flagged', 'flagged'],
  ['\\important', 'important'], ['\\junk', 'junk'], ['\\sent', 'sent'], ['\\trash', 'trash'],
]);

export function roleByFlag(flags: readonly string[]): Role | undefined {
  for (const flag of flags) {
    const role = BY_FLAG.get(flag.toLowerCase());
    if (role !== undefined) return role;
  }
  return undefined;
}

/** RFC 8621 section 2: mailboxes are shown by this, then by name. */
export function sortOrderOf(role: Role | null): number {
  const at = role === null ? -1 : ['inbox', 'drafts', 'sent', 'archive', 'junk', 'trash'].indexOf(role);
  return at < 0 ? 100 : at + 1;
}
