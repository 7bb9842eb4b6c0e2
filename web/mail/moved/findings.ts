/** What is said of a move, line by line. Pure: tested without a page. */
import type { Moved } from '#webmail/moved/api.ts';
import type { words } from './words.ts';

type Said = { readonly [K in keyof (typeof words)['en']]: (typeof words)['en'][K] extends string ? string : (typeof words)['en'][K] };

/** Names of mailboxes that are told; more are many, and found in the tree. */
const NAMED = 5;

/** @param when how a moment is written for people */
export function findings({ verified, missing }: Moved, w: Said, when: (iso: string) => string): string[] {
  if (verified === null) return [w.dead, ...(missing === null ? [] : [missing.isOver ? w.added(when(missing.since)) : w.missing(when(missing.since))])];
  const { messages, mailboxes, readBack, filters, pop3Ids, mapped, refused } = verified;
  return [
    w[readBack](messages, mailboxes),
    ...(filters !== null && filters > 0 ? [w.filters] : []),
    ...(pop3Ids !== null && pop3Ids > 0 ? [w.pop3] : []),
    ...mapped.slice(0, NAMED).map(({ mailbox, as }) => w.mapped(mailbox, as)),
    ...(refused.length > 0 ? [w.refused(refused.length)] : []),
  ];
}
