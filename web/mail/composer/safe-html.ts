/**
 * HTML from outside, made fit for the editor, for what is sent, and for the page.
 *
 * Invariants: nothing in it runs. In the editor and on the page nothing is fetched from anywhere but us: a picture is one of
 * the message's own (`cid:`), or it is not there. What is quoted keeps its look and its pictures' addresses for its reader,
 * whose program decides about them.
 */
import DOMPurify from 'dompurify';

/**
 * Our policy forbids styles in attributes, also in documents that are only parsed: there they have this name. It is changed
 * in tags alone, and back in what a parser wrote, where no value has a bare quote.
 */
export const CSS = 'data-css';
const unstyled = (html: string): string => html.replaceAll(/(<[a-z][^<>]*?\s)style(\s*=)/gi, `$1${CSS}$2`);
export const styled = (html: string): string => html.replaceAll(` ${CSS}="`, ' style="');

/** What the editor knows (RichText.tsx). */
const EDITED = { ALLOWED_TAGS: ['p', 'br', 'b', 'strong', 'i', 'em', 'u', 's', 'a', 'ul', 'ol', 'li', 'blockquote', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'pre', 'code', 'hr', 'div', 'span', 'img', 'table', 'tbody', 'thead', 'tr', 'td', 'th'], ALLOWED_ATTR: ['href', 'src', 'alt', 'start', 'data-signature'], ALLOW_DATA_ATTR: false, ALLOWED_URI_REGEXP: /^(?:https?|mailto|tel|cid):/i };

const SENT = { USE_PROFILES: { html: true }, FORBID_TAGS: ['style', 'form', 'input', 'button', 'select', 'textarea', 'option', 'audio', 'video', 'source', 'track', 'dialog', 'picture', 'map', 'area', 'slot'], FORBID_ATTR: ['style', 'id', 'name', 'srcset', 'background', 'autofocus', 'tabindex', 'contenteditable', 'popover'], ADD_ATTR: [CSS], ALLOW_DATA_ATTR: false, ALLOWED_URI_REGEXP: /^(?:https?|mailto|tel|cid):|^data:image\/(?:png|jpeg|gif|webp);base64,/i };

/** For the editor: pasted, of a signature, or of a draft. */
export function forEditor(html: string): string {
  return purged(html, EDITED, (image) => {
    if (!/^cid:/i.test(image.getAttribute('src') ?? '')) image.remove();
  });
}

/** What is quoted, as it is sent. */
export function forQuote(html: string): string {
  return styled(purged(html, SENT, (image) => {
    if (!/^(?:https?|cid|data):/i.test(image.getAttribute('src') ?? '')) image.remove();
  }));
}

/** What is quoted, as our page shows it. @param urlOf where a picture of the message is */
export function forPage(html: string, urlOf: (cid: string) => string | undefined): string {
  return purged(html, { ...SENT, FORBID_ATTR: [...SENT.FORBID_ATTR, CSS, 'class', 'width', 'height'] }, (image) => {
    const source = image.getAttribute('src') ?? '';
    const url = /^cid:/i.test(source) ? urlOf(decodeCid(source.slice(4))) : undefined;
    if (url !== undefined) image.setAttribute('src', url);
    else if (!source.startsWith('data:')) image.replaceWith(image.getAttribute('alt') ?? '');
  });
}

type Config = Parameters<typeof DOMPurify.sanitize>[1];

function purged(html: string, config: Config, eachImage: (image: Element) => void): string {
  const root = DOMPurify.sanitize(unstyled(html), { ...config, RETURN_DOM_FRAGMENT: true }) as unknown as DocumentFragment;
  for (const image of root.querySelectorAll('img')) eachImage(image);
  const holder = root.ownerDocument.createElement('div');
  holder.append(root);
  return holder.innerHTML;
}

export function decodeCid(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A document that loads and runs nothing; its styles are in attributes of the name CSS. */
export function parsed(html: string): HTMLElement {
  return new DOMParser().parseFromString(unstyled(html), 'text/html').body;
}

/** Content-IDs that a text shows. */
export function cidsIn(html: string): ReadonlySet<string> {
  return new Set([...parsed(html).querySelectorAll('img[src^="cid:" i]')].map((image) => decodeCid((image.getAttribute('src') ?? '').slice(4))));
}
