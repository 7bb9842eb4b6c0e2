/**
 * Snippets of SearchSnippet/get (RFC 8621 section 5) as text with marks.
 *
 * Invariant: they are HTML by the RFC, and are never put into the page as that: what is no `<mark>` is text, whatever it
 * looks like.
 */
export type Piece = { readonly text: string; readonly isMarked: boolean };

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

export function piecesOf(snippet: string): Piece[] {
  return snippet.split(/(<mark>.*?<\/mark>)/s).flatMap((part) => {
    const inside = /^<mark>(.*)<\/mark>$/s.exec(part)?.[1];
    const text = (inside ?? part).replaceAll(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ENTITIES[name] ?? '');
    return text === '' ? [] : [{ text, isMarked: inside !== undefined }];
  });
}
