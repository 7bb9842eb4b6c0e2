/** The Message-ID that names a message's thread. */
import type { Token } from '#wire/imap/tokens.ts';
import { lastOf, parseFields, type Field } from '../mime/fields.ts';
import { messageIds } from '../mime/forms.ts';
import { bytesOf, itemLike } from './at-box.ts';

export const ROOT_FIELDS = ['MESSAGE-ID', 'IN-REPLY-TO', 'REFERENCES'];
export const ROOT_ITEM = `BODY.PEEK[HEADER.FIELDS (${ROOT_FIELDS.join(' ')})]`;

/** The first of References, else of In-Reply-To, else its own. */
export function threadRoot(fields: readonly Field[]): string | undefined {
  for (const name of ['references', 'in-reply-to', 'message-id']) {
    const raw = lastOf(fields, name);
    const [first] = raw === undefined ? [] : (messageIds(raw) ?? []);
    if (first !== undefined) return first;
  }
  return undefined;
}

/** By what a platform gave for `ROOT_ITEM`. */
export function rootIn(items: ReadonlyMap<string, Token>): string | undefined {
  return threadRoot(parseFields(bytesOf(itemLike(items, 'BODY[HEADER.FIELDS'))?.toString('latin1') ?? ''));
}
