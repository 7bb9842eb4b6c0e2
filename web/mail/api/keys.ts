/** The keys under which answers are kept: the first word is what a push names (api/push.ts), or an area's own. */
export const keys = {
  session: ['session'],
  mailboxes: ['Mailbox'],
  /** Lists of emails: of a mailbox, of a search. */
  list: (filter: unknown, ...more: readonly unknown[]) => ['Email', 'list', filter, ...more],
  email: (id: string, ...more: readonly unknown[]) => ['Email', 'one', id, ...more],
  thread: (id: string) => ['Thread', id],
  identities: ['Identity'],
  settings: ['settings'],
} as const;
