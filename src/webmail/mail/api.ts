/** What mailboxes can be for, and what their names say, for pages too: no Node here. */

/** Those that an owner can give to a mailbox. */
export const CHOSEN_ROLES = ['drafts', 'sent', 'archive', 'junk', 'trash'] as const;
export type ChosenRole = (typeof CHOSEN_ROLES)[number];

/** Names on the top level that clients of the last twenty years gave them, in the languages of most of their customers. */
const BY_NAME: ReadonlyMap<string, ChosenRole> = new Map([
  ...['sent', 'sent items', 'sent messages', 'sent mail', 'gesendet', 'gesendete objekte', 'gesendete elemente', 'enviados', 'elementos enviados', 'envoyés', 'éléments envoyés', 'posta inviata', 'verzonden'].map((name) => [name, 'sent'] as const),
  ...['drafts', 'draft', 'entwürfe', 'borradores', 'brouillons', 'bozze', 'concepten', 'rascunhos'].map((name) => [name, 'drafts'] as const),
  ...['trash', 'deleted items', 'deleted messages', 'papierkorb', 'gelöschte objekte', 'gelöschte elemente', 'papelera', 'corbeille', 'cestino', 'prullenbak', 'lixeira'].map((name) => [name, 'trash'] as const),
  ...['junk', 'spam', 'junk e-mail', 'junk mail', 'bulk mail', 'correo no deseado', 'indésirables', 'posta indesiderata'].map((name) => [name, 'junk'] as const),
  ...['archive', 'archives', 'archiv', 'archivo', 'archivio', 'archief'].map((name) => [name, 'archive'] as const),
]);

export function roleByName(name: string): ChosenRole | undefined {
  return BY_NAME.get(name.normalize('NFC').toLowerCase());
}
