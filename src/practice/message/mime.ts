/**
 * The MIME tree of a message (RFC 2045, 2046): positions only, nothing is decoded.
 *
 * Invariants: any bytes give a tree. Depth and number of parts are capped; what lies beyond is left as a leaf.
 */
import { bodyStart, type Field, parseFields, parseParameters, valueOf } from './headers.ts';

export type Part = {
  readonly fields: readonly Field[];
  /** In lower case: `text`, `plain`. */
  readonly type: string;
  readonly subtype: string;
  readonly parameters: readonly (readonly [string, string])[];
  /** Header from `start` to `body`, body from there to `end`. */
  readonly start: number;
  readonly body: number;
  readonly end: number;
  /** Parts of a multipart, or the one message within a message/rfc822. */
  readonly children: readonly Part[];
};

/** Real mail stays below 15 levels and 200 parts; Dovecot's defaults are 100 and 10,000. */
const DEEPEST = 50;
const MOST_PARTS = 1_000;

/** @param text the message as latin1 */
export function parseMime(text: string): Part {
  let parts = 0;

  function parse(start: number, end: number, depth: number, fallback: string): Part {
    parts += 1;
    const body = bodyStart(text, start, end);
    const fields = parseFields(text, start, body);
    const { value, parameters } = parseParameters(valueOf(fields, 'content-type') ?? fallback);
    const [, type = 'text', subtype = 'plain'] = /^([^\s/]+)\/([^\s/]+)$/.exec(value) ?? [];
    const boundary = parameters.find(([name]) => name === 'boundary')?.[1];
    let children: Part[] = [];
    if (depth < DEEPEST && type === 'multipart' && boundary) {
      const inner = subtype === 'digest' ? 'message/rfc822' : 'text/plain';
      for (const [from, to] of split(text, body, end, boundary)) {
        if (parts < MOST_PARTS) children.push(parse(from, to, depth + 1, inner));
      }
    } else if (depth < DEEPEST && type === 'message' && subtype === 'rfc822') {
      children = [parse(body, end, depth + 1, 'text/plain')];
    }
    // A multipart without parts is not one that a client could show.
    if (type === 'multipart' && children.length === 0) return { fields, type: 'text', subtype: 'plain', parameters: [], start, body, end, children };
    return { fields, type, subtype, parameters, start, body, end, children };
  }

  return parse(0, text.length, 0, 'text/plain');
}

/** From and to of each part between the boundary's lines. The line end before a boundary belongs to the boundary. */
function split(text: string, start: number, end: number, boundary: string): [number, number][] {
  const own = text.slice(start, end);
  const mark = `--${boundary}`;
  const out: [number, number][] = [];
  let from = -1;
  let at = own.startsWith(mark) ? 0 : nextMark(0);
  while (at >= 0) {
    const after = at + mark.length;
    const lineEnd = own.indexOf('\n', after);
    const rest = own.slice(after, lineEnd < 0 ? own.length : lineEnd).trimEnd();
    if (rest === '' || rest === '--') {
      const before = own[at - 2] === '\r' ? at - 2 : at - 1;
      if (from >= 0) out.push([start + from, start + Math.max(from, before)]);
      from = rest === '' && lineEnd >= 0 ? lineEnd + 1 : -1;
      if (rest === '--') return out;
    }
    at = nextMark(after);
  }
  // Cut off before its last boundary: the rest is the last part.
  if (from >= 0) out.push([start + from, end]);
  return out;

  function nextMark(position: number): number {
    const found = own.indexOf(`\n${mark}`, position);
    return found < 0 ? -1 : found + 1;
  }
}
