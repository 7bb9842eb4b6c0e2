/**
 * A plain text as blocks: paragraphs and what they quote.
 *
 * Invariants: no character of the text is lost but the marks of quoting and the spaces of format=flowed. Nothing here is
 * ever HTML: blocks are shown as text.
 */
export type Block = { readonly depth: number; readonly lines: readonly string[] };

/** Deeper quoting is shown as if it were so deep. */
const DEEPEST = 12;

type Flow = { readonly flowed: boolean; readonly delsp: boolean };

/** @param contentType the field's value, such as `text/plain; format=flowed; delsp=yes` (RFC 3676 section 4) */
export function flowOf(contentType: string | null | undefined): Flow {
  const has = (name: string, value: string): boolean => new RegExp(`;\\s*${name}\\s*=\\s*"?${value}"?\\s*(?:;|$)`, 'i').test(contentType ?? '');
  return { flowed: has('format', 'flowed'), delsp: has('delsp', 'yes') };
}

export function blocksOf(text: string, { flowed, delsp }: Flow = { flowed: false, delsp: false }): readonly Block[] {
  const blocks: { depth: number; lines: string[] }[] = [];
  let open = false;
  for (const raw of text.replaceAll(/\r\n?/g, '\n').replace(/\n+$/, '').split('\n')) {
    // Flowed text has its marks without spaces between them (RFC 3676 section 4.5); other programs put some.
    const [marks = ''] = (flowed ? /^>*/ : /^(?:> ?)*/).exec(raw) ?? [];
    const depth = Math.min(DEEPEST, marks.replaceAll(' ', '').length);
    const rest = raw.slice(marks.length);
    // Unstuffed (section 4.4).
    const line = flowed && rest.startsWith(' ') ? rest.slice(1) : rest;
    // "-- " is a signature's beginning, never flowed (section 4.3).
    const soft = flowed && line.endsWith(' ') && line !== '-- ';
    const words = soft && delsp ? line.slice(0, -1) : line;
    const last = blocks.at(-1);
    if (last === undefined || last.depth !== depth) blocks.push({ depth, lines: [words] });
    else if (open && line !== '-- ') last.lines.push((last.lines.pop() ?? '') + words);
    else last.lines.push(words);
    open = soft;
  }
  return blocks;
}

/**
 * Where the quoted end begins, which is folded away; the number of blocks when nothing is. What is quoted above an answer
 * is not, nor is a text that is quoted whole.
 */
export function foldAt(blocks: readonly Block[]): number {
  const hasWords = ({ depth, lines }: Block): boolean => depth === 0 && lines.some((line) => line.trim() !== '');
  let at = blocks.length;
  // Empty lines and a signature of a few lines may stand behind it.
  while (at > 0 && blocks[at - 1]!.depth === 0 && (!hasWords(blocks[at - 1]!) || isSignature(blocks[at - 1]!))) at -= 1;
  const end = at;
  while (at > 0 && (blocks[at - 1]!.depth > 0 || !hasWords(blocks[at - 1]!))) at -= 1;
  return at === end || at === 0 ? blocks.length : at;
}

function isSignature({ lines }: Block): boolean {
  const words = lines.filter((line) => line.trim() !== '');
  return words[0]?.startsWith('--') === true && words.length <= 6;
}
