/** Email objects from a message's fields and parts, wherever these came from. */
import { type BodyLists, bodyLists, hasAttachment } from '../mime/body-lists.ts';
import { decodeCharset } from '../mime/charset.ts';
import { type Field, lastOf } from '../mime/fields.ts';
import { type HeaderProperty, inForm } from '../mime/forms.ts';
import { leaves, type Part } from '../mime/part.ts';
import { cut, previewOf, textOfHtml } from '../mime/plain-text.ts';
import { decodedSizeEstimate } from '../mime/transfer-encoding.ts';
import { blobIdOf } from './email-id.ts';
import { CONVENIENT, type Wants, wantsParts } from './email-properties.ts';

export type Content = { readonly bytes: Buffer; readonly isWhole: boolean };

export type Source = {
  /** What parts' blobs are parts of: an email's id, or an upload's. Undefined: they have none. */
  readonly blobOf: string | undefined;
  readonly fields: readonly Field[];
  readonly root: Part | undefined;
  /** A part's decoded bytes, or their beginning; undefined where they were not read. */
  content(part: Part): Content | undefined;
};

/** Without maxBodyValueBytes: what a page can show. The rest is in the blob. */
export const VALUE_LIMIT = 1024 * 1024;

/** Everything but the metadata of the message at the platform. */
export function emailObject(source: Source, wants: Wants): Record<string, unknown> {
  const entries: [string, unknown][] = [];
  const { properties, headers } = wants;
  for (const [property, [name, form]] of CONVENIENT) if (properties.has(property)) entries.push([property, inForm(lastOf(source.fields, name), form)]);
  if (properties.has('headers')) entries.push(['headers', headerList(source.fields)]);
  for (const [property, header] of headers) entries.push([property, headerValue(source.fields, header)]);
  if (!wantsParts(wants) || source.root === undefined) return Object.fromEntries(entries);

  const lists = bodyLists(source.root);
  const show = (part: Part): Record<string, unknown> => partObject(part, source, wants, false);
  const values: Record<string, () => unknown> = {
    bodyStructure: () => partObject(source.root as Part, source, wants, true),
    textBody: () => lists.textBody.map(show),
    htmlBody: () => lists.htmlBody.map(show),
    attachments: () => lists.attachments.map(show),
    hasAttachment: () => hasAttachment(lists),
    bodyValues: () => Object.fromEntries(valueParts(source.root as Part, lists, wants).flatMap((part) => valueEntry(part, source, wants))),
    preview: () => preview(lists, source),
  };
  for (const [property, value] of Object.entries(values)) if (properties.has(property)) entries.push([property, value()]);
  return Object.fromEntries(entries);
}

/** The text parts whose values are asked for, each once. */
export function valueParts(root: Part, lists: BodyLists, { values, properties }: Wants): Part[] {
  if (!properties.has('bodyValues')) return [];
  const parts = [...(values.text ? lists.textBody : []), ...(values.html ? lists.htmlBody : []), ...(values.all ? leaves(root) : [])];
  return [...new Set(parts)].filter(({ type }) => type.startsWith('text/'));
}

/** The part that a preview is made of. */
export function previewPart({ textBody, htmlBody }: BodyLists): Part | undefined {
  return textBody.find(({ type }) => type === 'text/plain') ?? htmlBody.find(({ type }) => type === 'text/html') ?? textBody.find(({ type }) => type.startsWith('text/'));
}

function preview(lists: BodyLists, source: Source): string {
  const part = previewPart(lists);
  const content = part === undefined ? undefined : source.content(part);
  if (part === undefined || content === undefined) return '';
  const { text } = decodeCharset(content.bytes, part.charset);
  return previewOf(part.type === 'text/html' ? textOfHtml(text) : text);
}

function valueEntry(part: Part, source: Source, { values }: Wants): [string, unknown][] {
  const content = source.content(part);
  if (part.partId === undefined || content === undefined) return [];
  const limit = values.maxBytes > 0 ? Math.min(values.maxBytes, VALUE_LIMIT) : VALUE_LIMIT;
  const decoded = decodeCharset(content.bytes, part.charset);
  const text = decoded.text.replaceAll('\r\n', '\n');
  const shown = truncate(text, limit, part.type === 'text/html');
  const isTruncated = shown.length < text.length || !content.isWhole;
  // The beginning of a text may end within a character.
  const isEncodingProblem = (decoded.isProblem && content.isWhole) || part.encoding === undefined;
  return [[part.partId, { value: shown, isEncodingProblem, isTruncated }]];
}

/** At most so many bytes of UTF-8, no character and no tag cut in two. */
export function truncate(text: string, bytes: number, isHtml: boolean): string {
  if (text.length * 3 <= bytes || Buffer.byteLength(text) <= bytes) return text;
  let shown = new TextDecoder().decode(Buffer.from(text.slice(0, bytes)).subarray(0, bytes)).replace(/\ufffd$/, '');
  if (!text.startsWith(shown)) shown = cut(text, shown.length - 1);
  if (!isHtml) return shown;
  const open = shown.lastIndexOf('<');
  return open > shown.lastIndexOf('>') ? shown.slice(0, open) : shown;
}

function partObject(part: Part, source: Source, wants: Wants, deep: boolean): Record<string, unknown> {
  const { partProperties, partHeaders } = wants;
  const fields = part.source?.fields ?? [];
  const values: Record<string, () => unknown> = {
    partId: () => part.partId ?? null,
    blobId: () => (part.partId === undefined || source.blobOf === undefined ? null : blobIdOf(source.blobOf, part.partId)),
    size: () => sizeOf(part, source),
    headers: () => headerList(fields),
    name: () => part.name,
    type: () => part.type,
    charset: () => part.charset,
    disposition: () => part.disposition,
    cid: () => part.cid,
    language: () => part.language,
    location: () => part.location,
  };
  const entries = Object.entries(values).flatMap(([name, value]): [string, unknown][] => (partProperties.has(name) ? [[name, value()]] : []));
  for (const [property, header] of partHeaders) entries.push([property, headerValue(fields, header)]);
  // A tree without its branches would not be one, whether they are asked for or not.
  if (part.subParts === undefined) entries.push(...(partProperties.has('subParts') ? [['subParts', null] as [string, unknown]] : []));
  else if (deep || partProperties.has('subParts')) entries.push(['subParts', part.subParts.map((one) => partObject(one, source, wants, true))]);
  return Object.fromEntries(entries);
}

function sizeOf(part: Part, source: Source): number {
  if (part.subParts !== undefined) return 0;
  const content = source.content(part);
  return content?.isWhole === true ? content.bytes.length : decodedSizeEstimate(part.encodedSize, part.encoding);
}

function headerList(fields: readonly Field[]): { name: string; value: unknown }[] {
  return fields.map(({ name, raw }) => ({ name, value: inForm(raw, 'asRaw') }));
}

function headerValue(fields: readonly Field[], { name, form, all }: HeaderProperty): unknown {
  if (!all) return inForm(lastOf(fields, name), form);
  return fields.filter((field) => field.name.toLowerCase() === name.toLowerCase()).map(({ raw }) => inForm(raw, form));
}
