/**
 * What a page begins with, which browsers read too: no Node here.
 *
 * The answer of `/api/start` is lines of JSON, each as soon as it is known: who is signed in, the mailboxes, the newest rows
 * of the inbox. The last two may be missing, and are then asked for as ever; they are what JMAP answers.
 */
export type StartLine<Session, Mailboxes, Page, Rows> =
  | { readonly session: Session }
  | { readonly mailboxes: Mailboxes }
  | { readonly inbox: { readonly page: Page; readonly rows: Rows } };

/** Rows that are read together: a screen of a large display, 20 kB. */
export const PAGE = 50;

/** What a row shows. Not the beginning of its text, for which a platform opens a file. */
export const ROW_PROPERTIES = ['id', 'blobId', 'threadId', 'mailboxIds', 'keywords', 'size', 'from', 'to', 'subject', 'receivedAt', 'hasAttachment'] as const;

export const NEWEST_FIRST: readonly { readonly property: string; readonly isAscending: boolean }[] = [{ property: 'receivedAt', isAscending: false }];
