/**
 * Puts a mail into its frame and keeps the frame as high as the mail.
 *
 * Invariants: the frame holds what `sanitise` gave and our own two style sheets, nothing else. A mail that is wider than its
 * place loses its widths, where that is a phone's, and is then made smaller, to half its size at most; what is still too wide
 * is scrolled within the frame. The frame never
 * grows by its own height (safe-css.ts leaves no length that depends on it).
 */
import { AFTER, before, FLUID, type FrameLook } from './frame-css.ts';
import type { Sanitised } from './sanitise.ts';

/** Outlook's marks: all behind them is quoted. */
const MARK = '#divRplyFwdMsg, #appendonsend';
/** What mail programs put around what they quote. */
const QUOTED = `.gmail_quote, blockquote[type="cite"], .yahoo_quoted, .protonmail_quote, .tutanota_quote, ${MARK}`;

/** Pixels: of a mail that has no end. What is below is scrolled to within the frame. */
const HIGHEST = 60_000;
const SMALLEST = 0.5;
/** Pixels: of a phone held upright. There letters stay as they are, and widths that a mail says are given up first. */
const NARROW = 520;

export function fill(frame: Document, { body, css }: Sanitised, look: FrameLook, showQuoted: string): void {
  const style = (text: string): HTMLStyleElement => {
    const element = frame.createElement('style');
    element.textContent = text;
    return element;
  };
  fold(body, showQuoted);
  for (const old of frame.head.querySelectorAll('style')) old.remove();
  for (const name of frame.body.getAttributeNames()) frame.body.removeAttribute(name);
  for (const name of ['class', 'id', 'dir', 'lang']) if (body.hasAttribute(name)) frame.body.setAttribute(name, body.getAttribute(name) ?? '');
  frame.body.style.cssText = body.style.cssText;
  // A mail in Arabic need not say so; what is said goes before.
  if (!frame.body.hasAttribute('dir')) frame.body.setAttribute('dir', 'auto');
  frame.head.append(style(before(look)), style(css), style(AFTER));
  frame.body.replaceChildren(...body.childNodes);
}

/** What is quoted at the end goes behind a button of the browser's own, where there is something before it. */
function fold(body: HTMLElement, label: string): void {
  const quoted = body.querySelector(QUOTED);
  if (quoted === null || quoted.closest('td, li') !== null) return;
  const range = body.ownerDocument.createRange();
  range.setStart(body, 0);
  range.setEndBefore(quoted);
  if (range.toString().trim() === '') return;
  const isMark = quoted.matches(MARK);
  range.setEnd(body, body.childNodes.length);
  range.setStartAfter(quoted);
  // An answer below what is quoted is to be seen with it.
  if (!isMark && range.toString().trim() !== '') return;
  const details = body.ownerDocument.createElement('details');
  details.className = 'quoted-by-us';
  const summary = body.ownerDocument.createElement('summary');
  summary.textContent = '• • •';
  summary.title = label;
  summary.setAttribute('aria-label', label);
  const rest: ChildNode[] = [quoted];
  for (let next = quoted.nextSibling; isMark && next !== null; next = next.nextSibling) rest.push(next);
  quoted.before(details);
  details.append(summary, ...rest);
}

/** @returns ends it */
export function fit(element: HTMLIFrameElement, frame: Document): () => void {
  let width = -1;
  const measure = (): void => {
    const root = frame.documentElement;
    const room = element.clientWidth;
    if (room !== width) {
      width = room;
      frame.body.style.removeProperty('zoom');
      root.removeAttribute(FLUID);
    }
    if (root.scrollWidth > room + 1 && room < NARROW) root.setAttribute(FLUID, '');
    const needed = root.scrollWidth;
    if (needed > room + 1 && room > 0 && frame.body.style.getPropertyValue('zoom') === '') frame.body.style.setProperty('zoom', String(Math.max(SMALLEST, Math.floor((room / needed) * 100) / 100)));
    const bar = root.scrollWidth > room + 1 ? 16 : 0;
    element.style.blockSize = `${Math.min(HIGHEST, Math.ceil(root.getBoundingClientRect().height) + bar)}px`;
  };
  const observer = new ResizeObserver(measure);
  observer.observe(frame.documentElement);
  observer.observe(frame.body);
  observer.observe(element);
  measure();
  return () => observer.disconnect();
}

export type OnLink = { mail(href: string): void; deceptive(words: string, href: string): boolean };

/** Links to mails and to places within the mail; keys go on to the page, whose shortcuts know nothing of frames. */
export function listen(element: HTMLIFrameElement, frame: Document, onLink: OnLink): () => void {
  const over = new AbortController();
  const { signal } = over;
  const onClick = (event: MouseEvent): void => {
    const link = (event.target as Element | null)?.closest?.('a[href]');
    const href = link?.getAttribute('href');
    if (link === null || link === undefined || href === null || href === undefined) return;
    if (href.startsWith('#')) {
      event.preventDefault();
      frame.getElementById(decodeURI(href.slice(1)))?.scrollIntoView({ block: 'start' });
    } else if (/^mailto:/i.test(href)) {
      event.preventDefault();
      onLink.mail(href);
    } else if (onLink.deceptive(link.textContent, href)) event.preventDefault();
  };
  frame.addEventListener('click', onClick, { signal });
  frame.addEventListener('auxclick', onClick, { signal });
  frame.addEventListener(
    'keydown',
    (event) => {
      const { key, code, altKey, ctrlKey, metaKey, shiftKey } = event;
      const isFree = element.dispatchEvent(new KeyboardEvent('keydown', { key, code, altKey, ctrlKey, metaKey, shiftKey, bubbles: true, cancelable: true }));
      if (!isFree) event.preventDefault();
    },
    { signal },
  );
  return () => over.abort();
}
