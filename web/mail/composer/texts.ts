/**
 * The texts of a message between editor, draft and what is sent.
 *
 * Invariants: a draft opened again has the same texts. What is sent as HTML has its words as plain text beside it.
 */
import type { Email } from '../api/types.ts';
import { type Bodies, type EmailObject, htmlParts, parseNote, plainText, DRAFT_NOTE } from './email-object.ts';
import { textOfHtml } from './html-text.ts';
import type { Message, Quote } from './message.ts';
import { htmlOfText } from './quote.ts';
import type { Texts } from './quote.ts';
import { CSS, forEditor, forQuote, parsed, styled } from './safe-html.ts';

/** Lines of ours have no gap between them, in any program. */
const LINE = 'margin:0';
const QUOTED = 'margin:0 0 0 0.8em;border-inline-start:2px solid #b8b8b8;padding-inline-start:0.8em';

export function bodiesOf(message: Message): Bodies {
  if (message.mode === 'plain') return { html: undefined, text: message.text };
  const own = sentHtml(message.html);
  const ownText = textOfHtml(parsed(own));
  return {
    html: `<div dir="auto">${own}${message.quote === undefined ? '' : `<p style="${LINE}"><br></p>${message.quote.html}`}</div>`,
    text: message.quote === undefined ? `${ownText}\n` : `${ownText}\n\n${message.quote.text}`,
  };
}

/** What the editor gives, with the look that it has there. */
function sentHtml(html: string): string {
  const root = parsed(html);
  for (const line of root.querySelectorAll('p')) {
    line.setAttribute(CSS, LINE);
    if (line.childNodes.length === 0) line.append(root.ownerDocument.createElement('br'));
  }
  for (const block of root.querySelectorAll('blockquote')) block.setAttribute(CSS, QUOTED);
  for (const image of root.querySelectorAll('img')) image.setAttribute(CSS, 'max-width:100%');
  return styled(root.innerHTML);
}

/** What is written, as plain text without the quote. */
export function writtenText({ mode, html, text }: Message): string {
  return mode === 'plain' ? text : textOfHtml(parsed(sentHtml(html)));
}

/** Rich to plain and back, by the writer's wish. */
export function inMode(message: Message, mode: Message['mode']): Message {
  if (mode === message.mode) return message;
  if (mode === 'plain') return { ...message, mode, text: bodiesOf(message).text.replace(/\n$/, ''), html: '', quote: undefined };
  return { ...message, mode, html: message.text.split('\n').map((line) => `<p>${htmlOfText(line)}</p>`).join(''), text: '' };
}

/** Of a message that is answered or handed on. */
export function textsOf(email: Pick<EmailObject, 'htmlBody' | 'textBody' | 'bodyValues'>): Texts {
  const html = htmlParts(email).map(({ isHtml, value }) => (isHtml ? forQuote(value) : `<div>${htmlOfText(value.trimEnd())}</div>`)).join('<br>');
  return { html, text: plainText(email) ?? textOfHtml(parsed(html)) };
}

/** The texts of a draft, ours or another program's. */
export function draftTexts(email: Pick<Email, 'htmlBody' | 'textBody' | 'bodyValues'> & { readonly [DRAFT_NOTE]?: string | null }): Pick<Message, 'mode' | 'html' | 'text' | 'quote'> {
  const note = parseNote(email[DRAFT_NOTE]);
  const parts = htmlParts(email);
  if (note?.mode === 'plain' || !parts.some(({ isHtml }) => isHtml)) {
    return { mode: 'plain', html: '', text: (plainText(email) ?? '').replaceAll('\r\n', '\n'), quote: undefined };
  }
  const root = parsed(parts.map(({ isHtml, value }) => (isHtml ? value : htmlOfText(value))).join('<br>'));
  const quote = takeQuote(root);
  for (const line of root.querySelectorAll('p')) if (line.childNodes.length === 1 && line.firstChild?.nodeName === 'BR') line.textContent = '';
  return { mode: 'rich', html: forEditor(root.innerHTML), text: '', quote };
}

/** Our own mark; or all of a text that the editor could not keep. */
function takeQuote(root: HTMLElement): Quote | undefined {
  const marked = root.querySelector(':scope > div > [data-quote], :scope > [data-quote]');
  if (marked !== null) {
    const kind = marked.getAttribute('data-quote') === 'forward' ? 'forward' : 'reply';
    const before = marked.previousElementSibling;
    if (before?.nodeName === 'P' && before.textContent === '') before.remove();
    marked.remove();
    const inner = forQuote(marked.innerHTML);
    return { html: `<div data-quote="${kind}">${inner}</div>`, text: `${textOfHtml(parsed(inner))}\n` };
  }
  if (root.querySelector('table') === null) return undefined;
  const inner = forQuote(root.innerHTML);
  root.replaceChildren();
  return { html: `<div data-quote="forward">${inner}</div>`, text: `${textOfHtml(parsed(inner))}\n` };
}
