/**
 * `mailto:` links (RFC 6068): in messages, and from other pages where we are the browser's mail program.
 *
 * Invariant: only recipients, subject and text are taken. A link attaches no file, and sets no other field.
 */
import type { Address } from '../api/types.ts';
import { parseRecipients, withoutTwins } from './recipients.ts';

export type Mailto = { readonly to: readonly Address[]; readonly cc: readonly Address[]; readonly bcc: readonly Address[]; readonly subject: string; readonly text: string };

/** Browsers hand on some 2,000 characters; a link in a page may have more. */
const LONGEST = 20_000;

/** Undefined: it is no such link. */
export function parseMailto(link: string): Mailto | undefined {
  const match = /^(?:web\+)?mailto:([^?#]*)(?:\?([^#]*))?/i.exec(link.slice(0, LONGEST));
  if (match === null) return undefined;
  const lists: Record<'to' | 'cc' | 'bcc', Address[]> = { to: parseRecipients(listOf(match[1] as string)), cc: [], bcc: [] };
  let subject = '';
  let text = '';
  for (const pair of (match[2] ?? '').replaceAll('&amp;', '&').split('&')) {
    const at = pair.indexOf('=');
    if (at < 0) continue;
    const name = decode(pair.slice(0, at)).toLowerCase();
    const value = pair.slice(at + 1);
    if (name === 'to' || name === 'cc' || name === 'bcc') lists[name].push(...parseRecipients(listOf(value)));
    else if (name === 'subject') subject = decode(value).replaceAll(/[\r\n]+/g, ' ').trim();
    else if (name === 'body') text = decode(value).replaceAll(/\r\n?/g, '\n');
  }
  return { to: withoutTwins(lists.to), cc: withoutTwins(lists.cc), bcc: withoutTwins(lists.bcc), subject, text };
}

/** An address may hold a comma as `%2C`; between addresses it stands as it is. */
function listOf(text: string): string {
  return text.split(',').map((one) => decode(one)).join(',');
}

/** A `+` is a plus here, no space (RFC 6068 section 5). */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
