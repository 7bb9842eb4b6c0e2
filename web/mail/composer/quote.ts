/**
 * What an answer quotes, and what a forwarded message begins with.
 *
 * Invariant: names, subjects and addresses of the original are text; nothing in them becomes markup.
 */
import type { Address } from '../api/types.ts';
import type { Quote } from './message.ts';
import { formatAddress, nameOrEmail } from './recipients.ts';
import type { Original } from './reply.ts';

/** In the writer's language. */
export type QuoteWords = {
  wrote(when: string, name: string): string;
  someone: string;
  forwarded: string;
  from: string;
  date: string;
  subject: string;
  to: string;
  cc: string;
};

export type QuoteParts = {
  /** For dates. */
  readonly language: string;
  /** IANA's name; undefined: the browser's. */
  readonly timeZone?: string;
  readonly words: QuoteWords;
};

/** The texts of the original: HTML that is safe, and plain. */
export type Texts = { readonly html: string; readonly text: string };

/** Other programs fold what stands in it. A `style` is for the reader's program: ours shows its own. */
const BLOCKQUOTE = '<blockquote type="cite" style="margin:0 0 0 0.8em;border-inline-start:2px solid #b8b8b8;padding-inline-start:0.8em">';

export function replyQuote(original: Original, texts: Texts, parts: QuoteParts): Quote {
  const [first] = original.from ?? [];
  const line = parts.words.wrote(dateOf(original, parts), first === undefined ? parts.words.someone : nameOrEmail(first));
  return {
    html: `<div data-quote="reply"><p>${escapeHtml(line)}</p>${BLOCKQUOTE}${texts.html}</blockquote></div>`,
    text: `${line}\n${quoteText(texts.text)}\n`,
  };
}

export function forwardQuote(original: Original, texts: Texts, parts: QuoteParts): Quote {
  const { words } = parts;
  const list = (addresses: readonly Address[] | null): string => (addresses ?? []).map(formatAddress).join(', ');
  const rows = ([[words.from, list(original.from)], [words.date, dateOf(original, parts)], [words.subject, original.subject ?? ''], [words.to, list(original.to)], [words.cc, list(original.cc)]] as const).filter(([, value]) => value !== '');
  return {
    html: `<div data-quote="forward"><p>---------- ${escapeHtml(words.forwarded)} ----------<br>${rows.map(([name, value]) => `<b>${escapeHtml(name)}:</b> ${escapeHtml(value)}`).join('<br>')}</p>${texts.html}</div>`,
    text: `---------- ${words.forwarded} ----------\n${rows.map(([name, value]) => `${name}: ${value}`).join('\n')}\n\n${texts.text.replaceAll(/\r\n?/g, '\n').trimEnd()}\n`,
  };
}

/** `> `, and `>>` of what was quoted already; the sender's signature (RFC 3676 section 4.3) is not quoted again. */
export function quoteText(text: string): string {
  const lines = text.replaceAll(/\r\n?/g, '\n').trimEnd().split('\n');
  const signature = lines.lastIndexOf('-- ');
  const kept = signature > 0 && !lines.slice(signature).some((line) => line.startsWith('>')) ? lines.slice(0, signature) : lines;
  while (kept.length > 1 && kept.at(-1)?.trim() === '') kept.pop();
  return kept.map((line) => (line.startsWith('>') ? `>${line}` : line.trim() === '' ? '>' : `> ${line}`)).join('\n');
}

function dateOf(original: Original, { language, timeZone }: QuoteParts): string {
  const when = new Date(original.sentAt ?? original.receivedAt);
  const date = Number.isNaN(when.getTime()) ? new Date(original.receivedAt) : when;
  return new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'short', timeZone }).format(date);
}

export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}

/** A plain text as HTML that looks the same: lines, and spaces at their start. */
export function htmlOfText(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .split('\n')
    .map((line) => escapeHtml(line).replaceAll(/^ +| {2,}/g, (spaces) => '&nbsp;'.repeat(spaces.length)))
    .join('<br>');
}
