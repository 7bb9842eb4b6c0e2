/** The signature in the editor's HTML, where it has an element of its own: what signature.ts says of plain text. */
import { parsed } from './safe-html.ts';

/** @param old the signature before, as HTML; it is left where the writer took it out */
export function replaceInHtml(html: string, old: string, now: string): string {
  const root = parsed(html);
  const there = root.querySelector('div[data-signature]');
  if (there === null) return old !== '' || now === '' ? html : `${html.replace(/(?:<p><\/p>)+$/, '')}<p></p>${now}`;
  const made = parsed(now).firstElementChild;
  if (made === null) there.remove();
  else there.replaceWith(made);
  return root.innerHTML;
}
