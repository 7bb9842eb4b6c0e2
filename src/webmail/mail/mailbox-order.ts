/** In which order an account's owner wants its mailboxes: sortOrder by id (RFC 8621 section 2), of those that have one. */
export type MailboxOrder = Readonly<Record<string, number>>;

/** Of what was kept. */
export const orderIn = (kept: unknown): MailboxOrder => (typeof kept === 'object' && kept !== null ? (kept as MailboxOrder) : {});
