/**
 * A message's parts from its bytes, and the bytes of each.
 *
 * Invariants: any bytes give a tree, in linear time for each level; depth and number of parts are capped.
 */
import { bodyStart, type Field, lastOf, parseFields, parseParameters, unfold } from './fields.ts';
import { charsetOf, cidOf, DEEPEST, MOST_PARTS, nameOf, type Part } from './part.ts';
import { decodeTransfer, encodingOf } from './transfer-encoding.ts';

export type ParsedMessage = {
  readonly bytes: Buffer;
  readonly fields: readonly Field[];
  readonly root: Part;
};

export function parseMessage(bytes: Buffer): ParsedMessage {
  const text = bytes.toString('latin1');
  const body = bodyStart(text, 0, text.length);
  const fields = parseFields(text.slice(0, body));
  const budget = { parts: MOST_PARTS };
  return { bytes, fields, root: parsePart(text, fields, body, text.length, '', 0, 'text/plain', budget) };
}

function parsePart(text: string, fields: readonly Field[], start: number, end: number, number: string, depth: number, implied: string, budget: { parts: number }): Part {
  budget.parts -= 1;
  const contentType = lastOf(fields, 'content-type');
  const declared = parseParameters(contentType ?? '');
  const isType = /^[!#$&^_.+a-z0-9-]+\/[!#$&^_.+a-z0-9-]+$/.test(declared.value);
  const type = isType ? declared.value : contentType === undefined ? implied : 'text/plain';
  const { value: disposition, parameters: dispositionParameters } = parseParameters(lastOf(fields, 'content-disposition') ?? '');
  const encoding = encodingOf(lastOf(fields, 'content-transfer-encoding'));
  const language = lastOf(fields, 'content-language');
  const location = lastOf(fields, 'content-location');
  const common = {
    name: nameOf(dispositionParameters, declared.parameters),
    disposition: disposition === '' ? null : disposition,
    cid: cidOf(mapped(lastOf(fields, 'content-id'))),
    language: language === undefined ? null : languagesOf(unfold(language)),
    location: location === undefined ? null : unfold(location).replaceAll(/\s+/g, ''),
    encoding,
    encodedSize: end - start,
    source: { fields, start, end },
  };
  const boundary = declared.parameters.find(([name]) => name === 'boundary')?.[1];
  if (type.startsWith('multipart/') && boundary !== undefined && boundary !== '' && depth < DEEPEST) {
    const inner = type === 'multipart/digest' ? 'message/rfc822' : 'text/plain';
    const subParts: Part[] = [];
    for (const [from, to] of split(text, start, end, boundary)) {
      if (budget.parts <= 0) break;
      const body = bodyStart(text, from, to);
      subParts.push(parsePart(text, parseFields(text.slice(from, body)), body, to, `${number}${number === '' ? '' : '.'}${subParts.length + 1}`, depth + 1, inner, budget));
    }
    if (subParts.length > 0) return { ...common, partId: undefined, type, charset: null, subParts };
  }
  // A multipart without parts is shown as the text that it is.
  const shown = type.startsWith('multipart/') ? 'text/plain' : type;
  return { ...common, partId: number === '' ? '1' : number, type: shown, charset: charsetOf(shown, declared.parameters, contentType !== undefined), subParts: undefined };
}

function mapped(raw: string | undefined): string | undefined {
  return raw === undefined ? undefined : unfold(raw);
}

export function languagesOf(value: string): string[] | null {
  const tags = value.replaceAll(/\([^()]*\)/g, '').split(',').map((tag) => tag.trim()).filter((tag) => tag !== '');
  return tags.length > 0 ? tags.slice(0, 50) : null;
}

/** From and to of each part between the boundary's lines. The line end before a boundary belongs to the boundary. */
function split(text: string, start: number, end: number, boundary: string): [number, number][] {
  const mark = `--${boundary}`;
  const own = text.slice(start, end);
  const found: [number, number][] = [];
  const next = (position: number): number => {
    const at = own.indexOf(`\n${mark}`, position);
    return at < 0 ? -1 : at + 1;
  };
  let from = -1;
  for (let at = own.startsWith(mark) ? 0 : next(0); at >= 0; at = next(at + mark.length)) {
    const lineEnd = own.indexOf('\n', at);
    const rest = own.slice(at + mark.length, Math.min(lineEnd < 0 ? own.length : lineEnd, at + mark.length + 100)).trimEnd();
    if (rest !== '' && rest !== '--') continue;
    const before = own[at - 2] === '\r' ? at - 2 : at - 1;
    if (from >= 0) found.push([start + from, start + Math.max(from, before)]);
    if (rest === '--' || lineEnd < 0 || found.length >= MOST_PARTS) return found;
    from = lineEnd + 1;
  }
  // Cut off before its last boundary: the rest is the last part.
  if (from >= 0) found.push([start + from, end]);
  return found;
}

/** A part's own bytes, transfer encoding undone. */
export function contentOf({ bytes }: ParsedMessage, part: Part): Buffer {
  return part.source === undefined ? Buffer.alloc(0) : decodeTransfer(bytes.subarray(part.source.start, part.source.end), part.encoding);
}
