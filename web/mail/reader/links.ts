/**
 * Links in text, and what to think of a link.
 *
 * Invariants: the pieces of a text put together are the text. A link goes to the web, to a mail or to a telephone, and
 * nowhere else.
 */
export type Piece = { readonly text: string; readonly href?: string };

/** A text is looked through in one go; what is longer than a URL can be is none. */
const LINK = /(?:https?:\/\/|www\.)[^\s<>"'`{}|\\^]{1,2000}|[\w.+-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,62}\.)+[a-z]{2,24}\b/gi;

export function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const found of text.matchAll(LINK)) {
    const link = trimmed(found[0]);
    const href = webOrMail(link.includes('@') && !/^(?:https?:|www\.)/i.test(link) ? `mailto:${link}` : /^www\./i.test(link) ? `https://${link}` : link);
    if (href === undefined) continue;
    if (found.index > at) pieces.push({ text: text.slice(at, found.index) });
    pieces.push({ text: link, href });
    at = found.index + link.length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at) });
  return pieces;
}

/** Without what ends a sentence, and without a bracket that was opened before it. */
function trimmed(link: string): string {
  let end = link.length;
  for (;;) {
    const last = link[end - 1] ?? '';
    const open = { ')': '(', ']': '[' }[last];
    const balanced = open !== undefined && link.slice(0, end).split(open).length >= link.slice(0, end).split(last).length;
    if (end > 0 && ('.,;:!?*_~'.includes(last) || (open !== undefined && !balanced))) end -= 1;
    else return link.slice(0, end);
  }
}

/** The URL as the browser understands it; undefined for one that is neither of the web nor of a mail or telephone. */
export function webOrMail(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && ['http:', 'https:', 'mailto:', 'tel:'].includes(url.protocol) ? url.href : undefined;
}

/** The host that a link's words promise, where it leads to another: `www.bank.example` that goes to `evil.example`. */
export function deception(words: string, href: string): { readonly promised: string; readonly real: string } | undefined {
  const url = URL.canParse(href) ? new URL(href) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return undefined;
  const [, promised] = /^\s*(?:https?:\/\/)?((?:[\p{L}\d](?:[\p{L}\d-]{0,62})\.)+\p{L}{2,24})(?:[/?#:]\S*)?\s*$/iu.exec(words) ?? [];
  if (promised === undefined || !URL.canParse(`https://${promised}`)) return undefined;
  const host = new URL(`https://${promised}`).hostname;
  return registrable(host) === registrable(url.hostname) ? undefined : { promised, real: url.hostname };
}

/** The last two labels, or three below such as co.uk: near enough to tell a bank from its neighbour, and no list to keep. */
export function registrable(host: string): string {
  const labels = host.toLowerCase().replace(/\.$/, '').split('.');
  const isSecond = labels.length > 2 && (labels.at(-1) ?? '').length === 2 && /^(?:com?|net|org|gov|edu|ac|gob|nom|ltd|plc|or|ne|go)$/.test(labels.at(-2) ?? '');
  return labels.slice(isSecond ? -3 : -2).join('.');
}
