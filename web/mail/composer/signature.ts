/**
 * The signature in a message: under what is written, above what is quoted.
 *
 * Invariants: another identity's signature takes the place of the one before. One that the writer changed or took out is
 * hers: it is left as it is.
 */
import type { Identity } from '../api/types.ts';
import { escapeHtml, htmlOfText } from './quote.ts';

export type Signature = { readonly html: string; readonly text: string };

/** RFC 3676 section 4.3. */
const SEPARATOR = '-- \n';

/** @param safe HTML that may stand in the editor */
export function signatureOf(identity: Identity | undefined, safe: (html: string) => string): Signature {
  if (identity === undefined) return { html: '', text: '' };
  const { textSignature: text, htmlSignature: html } = identity;
  const inner = html.trim() !== '' ? safe(html) : text.trim() === '' ? '' : `<p>${htmlOfText(text.trim())}</p>`;
  const plain = text.trim() !== '' ? text.trim() : html.replaceAll(/<br\s*\/?>|<\/(?:p|div|li)>/gi, '\n').replaceAll(/<[^>]*>/g, '').replaceAll('&nbsp;', ' ').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&').trim();
  return { html: inner === '' ? '' : `<div data-signature="${escapeHtml(identity.id)}">${inner}</div>`, text: plain === '' ? '' : `${SEPARATOR}${plain}` };
}

/** Of a new message in plain text. */
export function placeInText(written: string, signature: string, quote: string): string {
  const above = signature === '' ? written : `${written}\n\n${signature}`;
  return quote === '' ? above : `${above}\n\n${quote}`;
}

/** @param quote what stands under the signature, as far as it is still there */
export function replaceInText(text: string, before: string, after: string, quote: string): string {
  if (before !== '') {
    const at = text.lastIndexOf(before);
    const isWhole = at >= 0 && (at === 0 || text[at - 1] === '\n') && /^(?:\n|$)/.test(text.slice(at + before.length));
    if (!isWhole) return text;
    return after === '' ? `${text.slice(0, at).replace(/\n{1,2}$/, '')}${text.slice(at + before.length)}` : text.slice(0, at) + after + text.slice(at + before.length);
  }
  if (after === '') return text;
  const at = quote !== '' && text.endsWith(quote) ? text.length - quote.length : text.length;
  const above = text.slice(0, at).replace(/\n+$/, '');
  return placeInText(above, after, text.slice(at));
}
