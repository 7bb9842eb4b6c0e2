/** What emails are compared by, from the platform's answers (RFC 8621 section 4.4.2). */
import { parseFlags } from '#wire/imap/flags.ts';
import { isNil, type Token } from '#wire/imap/tokens.ts';
import type { Comparator } from '../jmap/query.ts';
import { parseDate } from '../mime/date.ts';
import { decodeWords } from '../mime/encoded-words.ts';
import { bytesOf, internalDateOf } from './at-box.ts';
import { keywordsOf } from './keywords.ts';

export type Keys = {
  readonly receivedAt: number;
  readonly sentAt: number;
  readonly size: number;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly keywords: ReadonlySet<string>;
};

export function itemsFor(sort: readonly Comparator[]): string[] {
  const items = new Set(['INTERNALDATE']);
  for (const { property } of sort) {
    if (property === 'size') items.add('RFC822.SIZE');
    else if (property === 'hasKeyword') items.add('FLAGS');
    else if (property !== 'receivedAt') items.add('ENVELOPE');
  }
  return [...items];
}

export function keysOf(items: ReadonlyMap<string, Token>): Keys {
  const receivedAt = internalDateOf(items.get('INTERNALDATE'));
  const envelope = items.get('ENVELOPE');
  const [date, subject, from, , , to] = envelope?.kind === 'list' ? envelope.items : [];
  const size = bytesOf(items.get('RFC822.SIZE'))?.toString('latin1') ?? '';
  return {
    receivedAt,
    sentAt: parseDate(text(date))?.epochMs ?? receivedAt,
    size: /^\d{1,15}$/.test(size) ? Number(size) : 0,
    from: firstOf(from),
    to: firstOf(to),
    subject: baseSubject(decodeWords(text(subject))),
    keywords: items.has('FLAGS') ? new Set(keywordsOf(parseFlags(items.get('FLAGS')))) : new Set(),
  };
}

function text(token: Token | undefined): string {
  return bytesOf(token)?.toString('latin1') ?? '';
}

/** The name of the first address, else the address. */
function firstOf(token: Token | undefined): string {
  const first = token?.kind === 'list' ? token.items[0] : undefined;
  const [name, , mailbox, host] = first?.kind === 'list' ? first.items : [];
  const shown = decodeWords(text(name)).trim();
  return shown !== '' ? shown : host === undefined || isNil(host) ? text(mailbox) : `${text(mailbox)}@${text(host)}`;
}

/** RFC 5256 section 2.1: without `Re:`, `Fwd:`, `[list]` and `(fwd)`. */
export function baseSubject(subject: string): string {
  let base = subject.replaceAll(/\s+/g, ' ').trim().slice(0, 1_000);
  for (let before = ''; before !== base; ) {
    before = base;
    base = base.replace(/(?: ?\(fwd\))+$/i, '').trim();
    base = base.replace(/^(?:\[[^[\]]*\] ?)*(?:re|fwd?) ?(?:\[[^[\]]*\] ?)?:/i, '').trim();
    const blob = /^\[[^[\]]*\] ?(.+)$/.exec(base)?.[1];
    if (blob !== undefined) base = blob.trim();
    const forwarded = /^\[fwd:(.*)\]$/i.exec(base)?.[1];
    if (forwarded !== undefined) base = forwarded.trim();
  }
  return base;
}

const collator = new Intl.Collator('und', { sensitivity: 'accent' });

export function compareBy(sort: readonly Comparator[]): (a: Keys, b: Keys) => number {
  return (a, b) => {
    for (const { property, isAscending, collation, keyword } of sort) {
      const order = compareOne(property, collation, keyword?.toLowerCase(), a, b);
      if (order !== 0) return isAscending === false ? -order : order;
    }
    return 0;
  };
}

function compareOne(property: string, collation: string | null | undefined, keyword: string | undefined, a: Keys, b: Keys): number {
  if (property === 'receivedAt' || property === 'sentAt' || property === 'size') return a[property] - b[property];
  if (property === 'hasKeyword') return Number(a.keywords.has(keyword ?? '')) - Number(b.keywords.has(keyword ?? ''));
  const [left, right] = property === 'from' ? [a.from, b.from] : property === 'to' ? [a.to, b.to] : [a.subject, b.subject];
  if (collation === 'i;octet') return Buffer.compare(Buffer.from(left), Buffer.from(right));
  return collator.compare(left, right);
}
