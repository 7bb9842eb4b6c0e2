/**
 * Makes a mail's HTML fit to be shown.
 *
 * Invariants: what comes out are nodes, made anew in the frame's document, one by one, of what is listed here: no script, no
 * SVG, no MathML, no form, no media, no frame, nothing that loads. They are never written down and parsed again, so no
 * mark-up can come to mean something else the second time (mutation XSS), and none of the mail's own nodes is kept: a policy
 * that forbids a document inline styles lets `setAttribute` change the words of one and leaves its old meaning to whoever
 * adopts the node (seen in Chromium 156). DOMPurify goes first; what it leaves is gone through once more, by other code. Styles are read by the browser's own parser in documents that load
 * nothing, and written anew from what safe-css.ts lets through. A picture has a source only if it came with the mail; what is
 * elsewhere is named to the caller, who asks the reader.
 *
 * This is one of three walls: the frame's policy and its sandbox (src/webmail/message-frame.ts) hold if it falls.
 */
import DOMPurify from 'dompurify';
import { webOrMail } from './links.ts';
import { createStyles, type Styles } from './styles.ts';

export type Remote = { readonly element: HTMLImageElement; readonly url: string };

export type Sanitised = {
  /** As `body`, with its attributes. */
  readonly body: HTMLElement;
  readonly css: string;
  /** Pictures that are elsewhere, without a source yet. */
  readonly remote: readonly Remote[];
  /** Content-IDs of the parts that are shown. */
  readonly shown: ReadonlySet<string>;
  /** Pictures that nobody was to see, left out. */
  readonly trackers: number;
};

const TAGS = [
  'a', 'abbr', 'acronym', 'address', 'article', 'aside', 'b', 'bdi', 'bdo', 'big', 'blockquote', 'body', 'br', 'caption', 'center', 'cite', 'code', 'col', 'colgroup', 'dd', 'del', 'details', 'dfn', 'dir', 'div', 'dl', 'dt', 'em', 'figcaption', 'figure', 'font', 'footer',
  'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'header', 'hr', 'i', 'img', 'ins', 'kbd', 'li', 'main', 'mark', 'nav', 'nobr', 'ol', 'p', 'pre', 'q', 'rp', 'rt', 'ruby', 's', 'samp', 'section', 'small', 'span', 'strike', 'strong', 'sub', 'summary', 'sup', 'table', 'tbody', 'td', 'tfoot', 'th', 'thead', 'time', 'tr', 'tt', 'u', 'ul', 'var', 'wbr',
];
const ATTRIBUTES = [
  'abbr', 'align', 'alt', 'bgcolor', 'border', 'cellpadding', 'cellspacing', 'class', 'color', 'cols', 'colspan', 'compact', 'dir', 'face', 'headers', 'height', 'href', 'hspace', 'id', 'lang', 'noshade', 'nowrap', 'open', 'reversed', 'rowspan', 'rules', 'scope', 'size', 'span', 'src', 'start', 'style', 'summary', 'text', 'title', 'type', 'valign', 'value', 'vspace', 'width',
];
const KNOWN_TAGS = new Set(TAGS);
const KNOWN_ATTRIBUTES = new Set(ATTRIBUTES);

const XHTML = 'http://www.w3.org/1999/xhtml';

/** Elements: a newsletter has 3,000. More would keep the page busy for seconds. */
const MOST_ELEMENTS = 50_000;

/** Kinds that are shown from within the text. SVG is none. */
const DATA_PICTURE = /^data:image\/(?:png|jpe?g|gif|webp|avif|bmp)(?:;[a-z=\d-]+)*;base64,[a-z\d+/=\s%]*$/i;

type Options = {
  /** Where a part of the mail is had, by its Content-ID; undefined where it has none such. */
  readonly partUrl: (cid: string) => string | undefined;
  /** A colour as it is to be shown in a property, in the dark. */
  readonly recolour?: ((property: string, value: string) => string) | undefined;
};

/**
 * @param into the frame's document, of which the nodes are made
 * @returns undefined: there is more of it than can be shown
 */
export function sanitise(html: string, into: Document, options: Options): Sanitised | undefined {
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  if (parsed.getElementsByTagName('*').length > MOST_ELEMENTS) return undefined;
  for (const anchor of parsed.querySelectorAll('a[name]:not([id])')) anchor.id = anchor.getAttribute('name') ?? '';
  const styles = createStyles(options.recolour);
  const css = [...parsed.querySelectorAll('style')].map((element) => styles.sheet(element.textContent)).join('\n');
  const purified = DOMPurify.sanitize(parsed.body, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    // Of all attributes: a scheme of these, or none.
    ALLOWED_URI_REGEXP: /^(?:(?:https?|mailto|tel|cid|data):|[^a-z]|[a-z+.-]+(?:[^a-z+.:-]|$))/i,
    ALLOWED_NAMESPACES: [XHTML],
    SANITIZE_DOM: true,
    RETURN_DOM: true,
  }) as HTMLElement;
  return rebuild(purified, into, css, styles, options.partUrl);
}

function rebuild(purified: HTMLElement, into: Document, css: string, styles: Styles, partUrl: Options['partUrl']): Sanitised {
  const remote: Remote[] = [];
  const shown = new Set<string>();
  let trackers = 0;

  /** Whether it is kept. */
  function picture(image: HTMLImageElement, given: string): boolean {
    const source = given.trim();
    const isElsewhere = /^(?:https?:)?\/\//i.test(source);
    if (isUnseen(image)) {
      if (isElsewhere) trackers += 1;
      return false;
    }
    // Without one a browser draws an empty box for what is not fetched.
    if (!image.hasAttribute('alt')) image.alt = '';
    image.loading = 'lazy';
    image.decoding = 'async';
    image.referrerPolicy = 'no-referrer';
    if (/^cid:/i.test(source)) {
      const cid = contentId(source);
      const url = partUrl(cid);
      if (url !== undefined) {
        shown.add(cid);
        image.src = url;
      }
    } else if (DATA_PICTURE.test(source)) image.src = source;
    else if (isElsewhere) {
      const url = webOrMail(source.startsWith('//') ? `https:${source}` : source);
      if (url !== undefined) remote.push({ element: image, url });
    }
    return true;
  }

  function copy(from: Element): HTMLElement | undefined {
    if (from.namespaceURI !== XHTML || !KNOWN_TAGS.has(from.localName)) return undefined;
    const to = into.createElement(from.localName);
    for (const name of from.getAttributeNames()) {
      const value = from.getAttribute(name) ?? '';
      // These three have a meaning, which is looked at; the others are words and numbers.
      if (name === 'style') to.style.cssText = styles.declarations(value);
      else if (KNOWN_ATTRIBUTES.has(name) && name !== 'href' && name !== 'src') to.setAttribute(name, value);
    }
    styles.attributes(to);
    if (to.localName === 'a') link(to, from.getAttribute('href'));
    if (to.localName === 'img' && !picture(to as HTMLImageElement, from.getAttribute('src') ?? '')) return undefined;
    for (const child of from.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) to.append(into.createTextNode(child.nodeValue ?? ''));
      else if (child.nodeType === Node.ELEMENT_NODE) {
        const copied = copy(child as Element);
        if (copied !== undefined) to.append(copied);
      }
    }
    return to;
  }

  return { body: copy(purified) ?? into.createElement('body'), css, remote, shown, trackers };
}

/** A link opens elsewhere, tells that page nothing of us, and shows where it goes. */
function link(element: HTMLElement, given: string | null): void {
  if (given === null) return;
  if (/^#\S*$/.test(given)) return element.setAttribute('href', given);
  const href = webOrMail(given.startsWith('//') ? `https:${given}` : given.trim());
  if (href === undefined) return;
  element.setAttribute('href', href);
  element.setAttribute('target', '_blank');
  element.setAttribute('rel', 'noopener noreferrer nofollow');
  element.setAttribute('title', href);
}

/** RFC 2392: without brackets, escapes resolved. */
function contentId(source: string): string {
  const id = source.slice(4);
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

/** Of a size at which only its sender's server sees it, or hidden. */
function isUnseen(image: HTMLImageElement): boolean {
  const tiny = (value: string | null): boolean => value !== null && /^\s*[01](?:\.\d+)?\s*(?:px)?\s*$/i.test(value);
  const { style } = image;
  if (style.display === 'none' || style.visibility === 'hidden' || style.opacity === '0') return true;
  const width = style.width === '' ? image.getAttribute('width') : style.width;
  const height = style.height === '' ? image.getAttribute('height') : style.height;
  return (tiny(width) && (height === null || height === '' || tiny(height))) || (tiny(height) && (width === null || width === ''));
}
