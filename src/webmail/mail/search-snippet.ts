/** SearchSnippet/get (RFC 8621 section 5): subject and text with what was searched marked. */
import * as z from 'zod';
import { checkAccount, parseArguments } from '../jmap/arguments.ts';
import { MethodError } from '../jmap/errors.ts';
import { type Filter, parseFilter } from '../jmap/filter.ts';
import { askedIds } from '../jmap/get.ts';
import type { Method } from '../jmap/process.ts';
import { cut, textOfHtml } from '../mime/plain-text.ts';
import { MAIL } from './capabilities.ts';
import type { MailContext } from './context.ts';
import { type EmailCondition, parseEmailCondition, words } from './email-filter.ts';
import { getEmails } from './email-get.ts';
import { wantsOf } from './email-properties.ts';

const snippetArguments = z.strictObject({ accountId: z.string(), filter: z.unknown().optional(), emailIds: z.array(z.string()) });

/** Each reads a text: a screen of results. */
const MOST_SNIPPETS = 100;
/** RFC 8621 section 5: at most 255 octets. */
const SNIPPET_BYTES = 255;
/** Bytes of a text that are searched for a place to show. */
const TEXT_BYTES = 100_000;

export const searchSnippetGet: Method<MailContext> = {
  capability: MAIL,
  async run(given, context, call) {
    const args = parseArguments(snippetArguments, given);
    checkAccount(args.accountId, context.access.accountId);
    const filter = parseFilter(args.filter, parseEmailCondition);
    const ids = askedIds(args.emailIds, call.createdIds, context.limits);
    if (ids.length > MOST_SNIPPETS) throw new MethodError('requestTooLarge', `at most ${MOST_SNIPPETS} emails at once`);
    const terms = termsOf(filter);
    const needsText = terms.body.length > 0;
    const wants = wantsOf({ properties: ['subject', ...(needsText ? ['bodyValues', 'textBody'] : [])], fetchTextBodyValues: needsText, maxBodyValueBytes: TEXT_BYTES });
    const found = await getEmails(ids, wants, context);
    const list = ids.flatMap((emailId) => {
      const email = found.get(emailId);
      return email === undefined ? [] : [{ emailId, subject: mark(String(email['subject'] ?? ''), terms.subject, false), preview: mark(textOf(email), terms.body, true) }];
    });
    const notFound = ids.filter((id) => !found.has(id));
    return { accountId: args.accountId, list, notFound: notFound.length > 0 ? notFound : null };
  },
};

type Terms = { readonly subject: string[]; readonly body: string[] };

/** What is searched in subjects and in texts; under a NOT nothing is to be marked. */
function termsOf(filter: Filter<EmailCondition>): Terms {
  if ('condition' in filter) {
    const { text = '', subject = '', body = '' } = filter.condition;
    return { subject: words(`${text} ${subject}`), body: words(`${text} ${body}`) };
  }
  const terms = filter.operator === 'NOT' ? [] : filter.conditions.map(termsOf);
  return { subject: terms.flatMap((one) => one.subject), body: terms.flatMap((one) => one.body) };
}

function textOf(email: Record<string, unknown>): string {
  const values = (email['bodyValues'] ?? {}) as Record<string, { value: string }>;
  const parts = (email['textBody'] ?? []) as { partId: string; type: string }[];
  return parts.map(({ partId, type }) => (type === 'text/html' ? textOfHtml(values[partId]?.value ?? '') : (values[partId]?.value ?? ''))).join('\n').replaceAll(/\s+/g, ' ').trim();
}

/** HTML: all else is escaped. Null when nothing of it was searched. */
export function mark(text: string, terms: readonly string[], isLong: boolean): string | null {
  if (terms.length === 0) return null;
  const pattern = new RegExp(terms.map((term) => term.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).sort((a, b) => b.length - a.length).join('|'), 'giu');
  const first = text.search(pattern);
  if (first < 0) return null;
  const start = isLong && first > 40 ? text.indexOf(' ', first - 40) + 1 : 0;
  let shown = text.slice(start > first || start < 0 ? first : start);
  for (let length = SNIPPET_BYTES; ; length = Math.floor(length * 0.8)) {
    shown = cut(shown, length);
    const marked = markAll(shown, pattern);
    if (!isLong || Buffer.byteLength(marked) <= SNIPPET_BYTES || length < 10) return marked;
  }
}

function markAll(text: string, pattern: RegExp): string {
  let out = '';
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    out += `${escape(text.slice(at, match.index))}<mark>${escape(match[0])}</mark>`;
    at = match.index + match[0].length;
  }
  return out + escape(text.slice(at));
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}
