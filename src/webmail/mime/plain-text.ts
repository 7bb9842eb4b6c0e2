/**
 * The words of an HTML text, for previews, snippets and searching; and a preview.
 *
 * Invariant: this is for showing as text only. Nothing here makes HTML safe: that is the page's DOMPurify.
 */

/** RFC 8621 section 4.1.4: a preview has at most 256 characters. */
export const PREVIEW_LENGTH = 256;

/** Characters of HTML that are looked at: newsletters have 100 kB of styles before their first word. */
const LOOKED_AT = 512 * 1024;

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'], ['lt', '<'], ['gt', '>'], ['quot', '"'], ['apos', "'"], ['nbsp', ' '], ['ndash', '–'], ['mdash', '—'], ['hellip', '…'],
  ['lsquo', '‘'], ['rsquo', '’'], ['ldquo', '“'], ['rdquo', '”'], ['bull', '•'], ['copy', '©'], ['reg', '®'], ['euro', '€'], ['pound', '£'],
  ['auml', 'ä'], ['ouml', 'ö'], ['uuml', 'ü'], ['Auml', 'Ä'], ['Ouml', 'Ö'], ['Uuml', 'Ü'], ['szlig', 'ß'], ['eacute', 'é'], ['egrave', 'è'],
  ['agrave', 'à'], ['aacute', 'á'], ['iacute', 'í'], ['oacute', 'ó'], ['uacute', 'ú'], ['ntilde', 'ñ'], ['ccedil', 'ç'], ['zwnj', ''], ['zwj', ''], ['shy', ''],
]);

export function textOfHtml(html: string): string {
  let text = '';
  let at = 0;
  const source = html.slice(0, LOOKED_AT);
  while (at < source.length) {
    const open = source.indexOf('<', at);
    if (open < 0) {
      text += source.slice(at);
      break;
    }
    text += source.slice(at, open);
    const skipped = /^<(style|script|title|head|template|noscript)\b/i.exec(source.slice(open, open + 12))?.[1];
    let end: number;
    if (source.startsWith('<!--', open)) {
      end = source.indexOf('-->', open);
      at = end < 0 ? source.length : end + 3;
    } else if (skipped !== undefined) {
      end = indexOfTag(source, `</${skipped.toLowerCase()}`, open);
      const close = end < 0 ? -1 : source.indexOf('>', end);
      at = close < 0 ? source.length : close + 1;
    } else if (/[a-z/!?]/i.test(source[open + 1] ?? '')) {
      end = source.indexOf('>', open);
      const tag = source.slice(open, end < 0 ? source.length : end);
      text += /^<\/?(?:p|div|br|tr|li|h[1-6]|table|blockquote|hr|ul|ol|section|article)\b/i.test(tag) ? '\n' : /^<\/?t[dh]\b/i.test(tag) ? ' ' : '';
      const alt = /\balt\s*=\s*(?:"([^"]{0,500})"|'([^']{0,500})')/i.exec(tag.slice(0, 4_000));
      if (alt !== null) text += ` ${alt[1] ?? alt[2] ?? ''} `;
      at = end < 0 ? source.length : end + 1;
    } else {
      text += '<';
      at = open + 1;
    }
  }
  return text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return ENTITIES.get(name) ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : '';
  });
}

function indexOfTag(source: string, tag: string, from: number): number {
  for (let at = source.indexOf('</', from); at >= 0; at = source.indexOf('</', at + 2)) {
    if (source.slice(at, at + tag.length).toLowerCase() === tag) return at;
  }
  return -1;
}

/** Characters of a text that are looked at first: usually they give a preview, and to look at all takes ten times as long. */
const FIRST_LOOK = 1_024;

/** One line, without what is quoted, invisible characters and rules of dashes. */
export function previewOf(text: string): string {
  const own = text.length > FIRST_LOOK ? lineOf(unquoted(text.slice(0, text.lastIndexOf('\n', FIRST_LOOK) + 1))) : '';
  // What comes behind could change no more than the end of it, where a rule or a gap may go on.
  if (own.length > PREVIEW_LENGTH + 10) return cut(own, PREVIEW_LENGTH);
  const all = text.slice(0, 20_000);
  const words = unquoted(all);
  return cut(lineOf(words.trim() === '' ? all : words), PREVIEW_LENGTH);
}

const unquoted = (text: string): string => (text.includes('>') ? text.split('\n').filter((line) => !/^\s*>/.test(line)).join('\n') : text);

function lineOf(text: string): string {
  return text.replaceAll(/\u034f|[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, '').replaceAll(/[-=_*~]{4,}/g, ' ').replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
}

/** At most so many UTF-16 units, no character cut in two. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = /[\ud800-\udbff]/.test(text[length - 1] ?? '') ? length - 1 : length;
  return text.slice(0, end);
}
