/** Sections of BODY[...] (RFC 3501 6.4.5): which bytes of a message they name. */
import { CausewayError } from '#errors/index.ts';
import { bodyStart, parseFields } from './headers.ts';
import type { Part } from './mime.ts';

export type Section = {
  /** Part numbers, counted from 1. */
  readonly path: readonly number[];
  readonly what: '' | 'HEADER' | 'HEADER.FIELDS' | 'HEADER.FIELDS.NOT' | 'TEXT' | 'MIME';
  /** In lower case. */
  readonly fields: ReadonlySet<string>;
};

/** @param text what stands between the brackets. @throws CausewayError `protocol` */
export function parseSection(text: string): Section {
  const match = /^((?:\d{1,9}(?:\.\d{1,9})*)?)\.?(HEADER\.FIELDS\.NOT|HEADER\.FIELDS|HEADER|TEXT|MIME)?(?:\s*\(([^()]*)\))?$/i.exec(text.trim());
  const path = match?.[1] ? match[1].split('.').map(Number) : [];
  const what = (match?.[2]?.toUpperCase() ?? '') as Section['what'];
  const fields = (match?.[3] ?? '').split(/\s+/).filter((name) => name !== '').map((name) => name.replaceAll('"', '').toLowerCase());
  const wrong = !match || fields.some((name) => !/^[!-9;-~]+$/.test(name)) || path.includes(0) || what.startsWith('HEADER.F') !== fields.length > 0 || (what === 'MIME' && path.length === 0);
  if (wrong) throw new CausewayError('protocol', 'Unknown section.');
  return { path, what, fields: new Set(fields) };
}

/** Whether the message's own header is all that the section needs. */
export function needsOnlyHeader(section: Section): boolean {
  return section.path.length === 0 && section.what.startsWith('HEADER');
}

/**
 * The section's bytes as latin1; undefined when the message has no such part.
 * @param text the message as latin1; its beginning will do where `needsOnlyHeader`
 * @param tree of the text, for a section with part numbers
 */
export function extract(text: string, section: Section, tree?: Part): string | undefined {
  const { path, what } = section;
  if (path.length === 0) {
    const body = bodyStart(text, 0, text.length);
    if (what === '') return text;
    if (what === 'TEXT') return text.slice(body);
    return header(text, 0, body, section);
  }
  const part = tree && find(tree, path);
  if (!part) return undefined;
  if (what === '') return text.slice(part.body, part.end);
  if (what === 'MIME') return text.slice(part.start, part.body);
  // HEADER and TEXT with a number are those of the message within a message/rfc822 part.
  const inner = part.type === 'message' ? part.children[0] : undefined;
  if (!inner) return undefined;
  return what === 'TEXT' ? text.slice(inner.body, inner.end) : header(text, inner.start, inner.body, section);
}

function header(text: string, start: number, body: number, { what, fields }: Section): string {
  if (what === 'HEADER') return text.slice(start, body);
  const wanted = parseFields(text, start, body).filter((field) => fields.has(field.name) === (what === 'HEADER.FIELDS'));
  // The empty line that ends the header is part of every answer.
  const chosen = wanted.filter((field) => text.slice(field.start, field.end).trim() !== '');
  return `${chosen.map((field) => text.slice(field.start, field.end)).join('')}\r\n`;
}

function find(root: Part, path: readonly number[]): Part | undefined {
  let part = root;
  let whole = true;
  for (const number of path) {
    // Below a message/rfc822 the numbers count the parts of the message in it.
    if (!whole && part.type === 'message' && part.children[0]) {
      part = part.children[0];
      whole = true;
    }
    const child = part.type === 'multipart' ? part.children[number - 1] : undefined;
    if (child) part = child;
    // A whole message that is no multipart has one part, number 1: its body.
    else if (part.type === 'multipart' || !whole || number !== 1) return undefined;
    whole = false;
  }
  return part;
}
