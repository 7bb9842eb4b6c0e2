/** Contacts as a list: in the order of names, found by the beginnings of words, by groups. */
import type { Contact } from '#webmail/contacts/api.ts';

/** What stands for somebody in a list. */
export function titleOf({ name, company, emails, phones }: Contact): string {
  return name || company || emails[0]?.address || phones[0]?.number || '';
}

/** Below it. */
export function subtitleOf(contact: Contact): string {
  const title = titleOf(contact);
  return [contact.company, contact.emails[0]?.address ?? contact.phones[0]?.number ?? ''].filter((each) => each !== '' && each !== title).join(' · ');
}

export function inOrder(contacts: readonly Contact[], language: string): Contact[] {
  const { compare } = new Intl.Collator(language, { sensitivity: 'base', numeric: true });
  return contacts.map((contact) => [titleOf(contact), contact] as const).sort(([a], [b]) => compare(a, b)).map(([, contact]) => contact);
}

/** Without accents and in lower case: who types `jorg` finds Jörg. */
const plain = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();

/** Each word typed begins a word of the contact. */
export function found(contacts: readonly Contact[], typed: string): readonly Contact[] {
  const words = plain(typed).split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return contacts;
  return contacts.filter(({ name, company, emails, phones, groups, notes }) => {
    const text = ` ${plain([name, company, ...emails.map(({ address }) => address), ...phones.map(({ number }) => number.replaceAll(/[^\d+]/g, '')), ...groups, notes].join(' '))}`;
    return words.every((word) => [' ', '@', '.', '-', '\n', '+', '('].some((before) => text.includes(before + word)));
  });
}

export type Group = { readonly name: string; readonly count: number };

export function groupsOf(contacts: readonly Contact[], language: string): Group[] {
  const counts = new Map<string, number>();
  for (const { groups } of contacts) for (const group of groups) counts.set(group, (counts.get(group) ?? 0) + 1);
  const { compare } = new Intl.Collator(language, { sensitivity: 'base' });
  return [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => compare(a.name, b.name));
}

/** Where they can be written to. */
export const addressesOf = (contacts: readonly Contact[]): { readonly name: string; readonly email: string }[] => contacts.flatMap(({ name, emails }) => (emails[0] === undefined ? [] : [{ name, email: emails[0].address }]));
