/**
 * The plain text that stands for an HTML text: the alternative that goes with it, and what is left in plain mode.
 *
 * Invariants: all words are kept, in their order; what made no sense without its form keeps a sign of it: `> `, `- `, `<link>`.
 */

/** What is asked of the browser's nodes. */
export type NodeLike = {
  /** 1: an element, 3: text. */
  readonly nodeType: number;
  readonly nodeName: string;
  readonly nodeValue: string | null;
  readonly childNodes: ArrayLike<NodeLike>;
  getAttribute?(name: string): string | null;
};

const BLOCKS = new Set(['ADDRESS', 'ARTICLE', 'ASIDE', 'CENTER', 'DD', 'DIV', 'DL', 'DT', 'FIGURE', 'FIGCAPTION', 'FOOTER', 'HEADER', 'LI', 'MAIN', 'NAV', 'SECTION', 'TBODY', 'THEAD', 'TFOOT', 'TR', 'CAPTION', 'BODY', 'HTML']);
const APART = new Set(['P', 'UL', 'OL', 'TABLE', 'PRE', 'BLOCKQUOTE', 'H1', 'H2', 'H3', 'H4', 'H5', 'H6', 'HR']);
const SILENT = new Set(['STYLE', 'SCRIPT', 'HEAD', 'TITLE', 'TEMPLATE', 'NOSCRIPT']);
/** Levels of elements: real mails have below 60; more would be for the stack. */
const DEEPEST = 200;

/** Lines, and how many line ends are owed before the next word. */
type Out = { text: string; owed: number };

export function textOfHtml(root: NodeLike): string {
  return blockText(root, false, 0).replaceAll(/[ \t]+$/gm, (_, at: number, whole: string) => (whole.slice(at - 2, at + 1) === '-- ' && (at === 2 || whole[at - 3] === '\n') ? ' ' : ''));
}

function blockText(node: NodeLike, isPre: boolean, depth: number): string {
  const out: Out = { text: '', owed: 0 };
  children(node, out, isPre, depth);
  return out.text.replace(/\n+$/, '').replace(/ +$/, '');
}

function children(node: NodeLike, out: Out, isPre: boolean, depth: number): void {
  if (depth > DEEPEST) return;
  for (const child of Array.from(node.childNodes)) walk(child, out, isPre, depth + 1);
}

function say(out: Out, words: string): void {
  if (words === '') return;
  if (out.owed > 0 && out.text !== '') out.text = out.text.replace(/ $/, '') + '\n'.repeat(out.owed);
  out.owed = 0;
  out.text += words;
}

function owe(out: Out, ends: number): void {
  const there = /\n*$/.exec(out.text)?.[0].length ?? 0;
  out.owed = Math.max(out.owed, ends - there);
}

function walk(node: NodeLike, out: Out, isPre: boolean, depth: number): void {
  if (node.nodeType === 3) {
    const text = (node.nodeValue ?? '').replaceAll('\u{a0}', ' ').replaceAll(/[\u{ad}\u{200b}\u{feff}]/gu, '');
    if (isPre) return say(out, text);
    const words = (node.nodeValue ?? '').replaceAll(/[\u{ad}\u{200b}\u{feff}]/gu, '').replaceAll(/[ \t\r\n\f]+/g, ' ');
    const atStart = out.owed > 0 || out.text === '' || /[\n ]$/.test(out.text);
    return say(out, (atStart ? words.replace(/^ /, '') : words).replaceAll('\u{a0}', ' '));
  }
  if (node.nodeType !== 1) return;
  const name = node.nodeName.toUpperCase();
  if (SILENT.has(name)) return;
  if (name === 'BR') {
    say(out, '');
    out.text = out.owed > 0 && out.text !== '' ? `${out.text}${'\n'.repeat(out.owed)}\n` : `${out.text.replace(/ $/, '')}\n`;
    out.owed = 0;
    return;
  }
  if (name === 'IMG') return say(out, imageText(node));
  if (name === 'A') return link(node, out, isPre, depth);
  if (name === 'TD' || name === 'TH') {
    if (out.text !== '' && out.owed === 0 && !/[\n ]$/.test(out.text)) out.text += '  ';
    return children(node, out, isPre, depth);
  }
  if (!APART.has(name) && !BLOCKS.has(name)) return children(node, out, isPre, depth);
  block(node, name, out, isPre, depth);
}

function block(node: NodeLike, name: string, out: Out, isPre: boolean, depth: number): void {
  // What we write ourselves has lines of paragraphs without a gap.
  const tight = name === 'P' && /margin:\s*0/.test(node.getAttribute?.('style') ?? node.getAttribute?.('data-css') ?? '');
  const ends = APART.has(name) && !tight ? 2 : 1;
  owe(out, ends);
  if (tight && isBlank(node)) {
    // A line without words.
    if (out.text !== '') out.text += '\n'.repeat(out.owed);
    out.text += '\n';
    out.owed = 0;
    return;
  }
  if (name === 'HR') say(out, '-----');
  else if (name === 'BLOCKQUOTE') say(out, blockText(node, isPre, depth + 1).split('\n').map((line) => (line.startsWith('>') ? `>${line}` : line === '' ? '>' : `> ${line}`)).join('\n'));
  else if (name === 'UL' || name === 'OL') list(node, name, out, isPre, depth);
  else if (node.getAttribute?.('data-signature') != null) say(out, `-- \n${blockText(node, isPre, depth + 1)}`);
  else children(node, out, isPre || name === 'PRE', depth);
  owe(out, ends);
}

function list(node: NodeLike, name: string, out: Out, isPre: boolean, depth: number): void {
  let number = Number(node.getAttribute?.('start') ?? 1) || 1;
  for (const item of Array.from(node.childNodes)) {
    if (item.nodeType !== 1) continue;
    const sign = name === 'UL' ? '- ' : `${number}. `;
    number += 1;
    owe(out, 1);
    const text = depth > DEEPEST ? '' : blockText(item, isPre, depth + 2).replaceAll(/\n{2,}/g, '\n');
    say(out, sign + text.split('\n').join(`\n${' '.repeat(sign.length)}`));
  }
}

function link(node: NodeLike, out: Out, isPre: boolean, depth: number): void {
  const before = out.text.length;
  children(node, out, isPre, depth);
  const shown = out.text.slice(before).trim();
  const href = node.getAttribute?.('href') ?? '';
  if (!/^(?:https?|ftp|mailto|tel):/i.test(href)) return;
  const bare = href.replace(/^(?:mailto|tel):/i, '');
  const same = [href, bare, href.replace(/^https?:\/\//i, ''), href.replace(/^https?:\/\//i, '').replace(/\/$/, '')].includes(shown);
  if (!same) say(out, shown === '' ? `<${bare}>` : ` <${bare}>`);
}

function imageText(node: NodeLike): string {
  const alt = (node.getAttribute?.('alt') ?? '').replaceAll(/\s+/g, ' ').trim();
  return alt === '' ? '' : `[${alt}]`;
}

function isBlank(node: NodeLike): boolean {
  return Array.from(node.childNodes).every((child) => (child.nodeType === 3 ? (child.nodeValue ?? '').trim() === '' : child.nodeName.toUpperCase() === 'BR'));
}
