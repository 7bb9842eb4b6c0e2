import type { Role } from '#staff/api.ts';
import type { words } from './words.ts';

/** The role's name in the words of the page. */
export function roleIn(w: { readonly [K in 'level-one' | 'level-two' | 'lead_' | 'operator' | 'administrator']: (typeof words)[keyof typeof words][K] }, role: Role): string {
  return role === 'lead' ? w.lead_ : w[role];
}
