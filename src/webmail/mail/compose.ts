/**
 * The message that an Email object to be made describes (RFC 8621 section 4.6).
 *
 * Invariants: each header field is given once; nothing that a client writes into a value begins a field of its own; what
 * cannot be written is told by the name of its property.
 */
import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { invalidProperties, SetError } from '../jmap/errors.ts';
import { dateSchema, unsignedInt } from '../jmap/id.ts';
import { headerDate } from '../mime/date.ts';
import { type Form, parseHeaderProperty } from '../mime/forms.ts';
import { addressList, field, groupList, parameter, unstructured } from '../mime/write-header.ts';
import { type OutPart, writePart } from '../mime/write-message.ts';
import { CONVENIENT } from './email-properties.ts';

export type ComposeParts = {
  /** Undefined: there is no such blob. */
  blob(id: string): Promise<{ type: string; bytes: Buffer } | undefined>;
  readonly now: number;
  /** Of new Message-IDs. */
  readonly domain: string;
};

const addresses = z.array(z.object({ name: z.string().nullish(), email: z.string() }));
const groups = z.array(z.object({ name: z.string().nullable(), addresses }));
const strings = z.array(z.string());

/** Of a Content-ID: ours have 40; a line has 998 (RFC 5322 section 2.1.1). */
const CID_LENGTH = 200;
/** Levels of parts and parts of one message: what our own reading takes. */
const DEEPEST = 20;
const MOST_PARTS = 500;

const partSchema = z.object({
  partId: z.string().nullish(),
  blobId: z.string().nullish(),
  type: z.string().optional(),
  charset: z.string().nullish(),
  name: z.string().nullish(),
  disposition: z.string().nullish(),
  cid: z.string().nullish(),
  language: strings.nullish(),
  location: z.string().nullish(),
  subParts: z.array(z.unknown()).nullish(),
  size: unsignedInt.nullish(),
});
const valuesSchema = z.record(z.string(), z.object({ value: z.string(), isEncodingProblem: z.literal(false).optional(), isTruncated: z.literal(false).optional() }));

type Given = Readonly<Record<string, unknown>>;

/** Throws SetError `invalidProperties` or `blobNotFound`. */
export async function compose(properties: Given, { blob, now, domain }: ComposeParts): Promise<Buffer> {
  const header = headerOf(properties, '', (name) => !/^content-/i.test(name));
  const missing = (name: string): boolean => !header.names.has(name);
  if (missing('date')) header.lines.push(field('Date', headerDate({ epochMs: now, offsetMinutes: 0 })));
  if (missing('message-id')) header.lines.push(field('Message-ID', `<${randomBytes(16).toString('base64url')}@${domain}>`));
  if (missing('mime-version')) header.lines.push('MIME-Version: 1.0\r\n');
  const parsed = valuesSchema.safeParse(properties['bodyValues'] ?? {});
  if (!parsed.success) throw invalidProperties([...new Set(parsed.error.issues.map(({ path }) => ['bodyValues', ...path].join('/')))]);
  const values = new Map(Object.entries(parsed.data).map(([id, { value }]) => [id, value]));
  const body = await bodyOf(properties, values, blob);
  return writePart({ ...body, header: header.lines.join('') + body.header });
}

/** Fields that are given as properties. @param allows by the field's name */
function headerOf(properties: Given, at: string, allows: (name: string) => boolean): { lines: string[]; names: Set<string> } {
  const lines: string[] = [];
  const names = new Set<string>();
  for (const [property, value] of Object.entries(properties)) {
    const convenient = at === '' ? CONVENIENT.get(property) : undefined;
    const header = convenient === undefined ? (property.startsWith('header:') ? parseHeaderProperty(property) : undefined) : { name: convenient[0], form: convenient[1], all: false };
    if (header === undefined) {
      if (property.startsWith('header:') || property === 'headers') throw invalidProperties([at + property]);
      continue;
    }
    const key = header.name.toLowerCase();
    if (names.has(key) || !allows(header.name)) throw invalidProperties([at + property]);
    if (value == null) continue;
    names.add(key);
    const all = header.all ? (Array.isArray(value) ? value : [undefined]) : [value];
    for (const one of all) {
      const text = written(header.form, one);
      if (text === undefined) throw invalidProperties([at + property]);
      lines.push(field(header.name, text));
    }
  }
  return { lines, names };
}

/** Undefined: it is no value of that form. */
function written(form: Form, value: unknown): string | undefined {
  const as = <S extends z.ZodType>(schema: S, write: (valid: z.infer<S>) => string): string | undefined => {
    const parsed = schema.safeParse(value);
    return parsed.success ? write(parsed.data) : undefined;
  };
  const ids = (list: readonly string[]): string => list.map((id) => `<${id.replaceAll(/[^!-;=?-~]/g, '')}>`).join(' ');
  switch (form) {
    case 'asRaw':
      return as(z.string(), (text) => (/^[\x20-\x7e\t\r\n]*$/.test(text) ? text.replaceAll(/[\r\n]+/g, ' ').trim() : unstructured(text.trim())));
    case 'asText':
      return as(z.string(), unstructured);
    case 'asAddresses':
      return as(addresses, (list) => addressList(list.map(({ name, email }) => ({ name: name ?? null, email }))));
    case 'asGroupedAddresses':
      return as(groups, (list) => groupList(list.map((group) => ({ name: group.name, addresses: group.addresses.map(({ name, email }) => ({ name: name ?? null, email })) }))));
    case 'asMessageIds':
      return as(strings, ids);
    case 'asURLs':
      return as(strings, (list) => list.map((url) => `<${encodeURI(decodeURISafely(url)).replaceAll(/[<>\s]/g, '')}>`).join(', '));
    case 'asDate':
      return as(dateSchema, (text) => headerDate({ epochMs: Date.parse(text), offsetMinutes: zoneOf(text) }));
  }
}

function decodeURISafely(url: string): string {
  try {
    return decodeURI(url.toWellFormed());
  } catch {
    return url.toWellFormed();
  }
}

function zoneOf(text: string): number {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(text) ?? [];
  return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

type BlobOf = ComposeParts['blob'];

async function bodyOf(properties: Given, values: ReadonlyMap<string, string>, blob: BlobOf): Promise<OutPart> {
  const writer = createPartWriter(values, blob);
  const lists = ['textBody', 'htmlBody', 'attachments'].filter((name) => properties[name] != null);
  if (properties['bodyStructure'] != null) {
    if (lists.length > 0) throw invalidProperties(['bodyStructure', ...lists]);
    const root = await writer.write(properties['bodyStructure'], 'bodyStructure', 0);
    writer.check();
    return root;
  }
  const list = async (name: string, type?: string): Promise<OutPart[]> => {
    const given = properties[name] ?? [];
    if (!Array.isArray(given) || (type !== undefined && given.length > 1)) throw invalidProperties([name]);
    const parts: OutPart[] = [];
    for (const [index, part] of given.entries()) {
      if (type !== undefined && ((part as Given)?.['type'] ?? type) !== type) throw invalidProperties([`${name}/${index}/type`]);
      const typed = type === undefined ? { disposition: 'attachment', ...(part as Given) } : { ...(part as Given), type };
      parts.push(await writer.write(typed, `${name}/${index}`, 1));
    }
    return parts;
  };
  const [text] = await list('textBody', 'text/plain');
  const [html] = await list('htmlBody', 'text/html');
  const attachments = await list('attachments');
  writer.check();
  const inline = html === undefined ? [] : attachments.filter((_, index) => (properties['attachments'] as Given[])[index]?.['cid'] != null && (properties['attachments'] as Given[])[index]?.['disposition'] === 'inline');
  const related = html !== undefined && inline.length > 0 ? multipart('related', [html, ...inline]) : html;
  const body = text !== undefined && related !== undefined ? multipart('alternative', [text, related]) : (text ?? related);
  const rest = attachments.filter((part) => !inline.includes(part));
  if (rest.length === 0) return body ?? { header: 'Content-Type: text/plain; charset=utf-8\r\n', content: { text: '' } };
  return multipart('mixed', body === undefined ? rest : [body, ...rest]);
}

function multipart(subtype: string, parts: readonly OutPart[]): OutPart {
  return { header: '', content: { parts, subtype } };
}

/** Blobs that are missing are told all at once. */
function createPartWriter(values: ReadonlyMap<string, string>, blob: BlobOf): { write(given: unknown, at: string, depth: number): Promise<OutPart>; check(): void } {
  const missing: string[] = [];
  let count = 0;

  async function write(given: unknown, at: string, depth: number): Promise<OutPart> {
    count += 1;
    const parsed = partSchema.safeParse(given);
    if (!parsed.success || depth > DEEPEST || count > MOST_PARTS) throw invalidProperties([at]);
    const part = parsed.data;
    const headers = headerOf(given as Given, `${at}/`, (name) => !/^content-transfer-encoding$/i.test(name) && (!/^content-(?:type|disposition|id|language|location)$/i.test(name) || !describes(part, name)));
    const lines = [...headers.lines];
    const type = (part.type ?? (part.partId == null ? undefined : 'text/plain'))?.toLowerCase();
    if (type !== undefined && !/^[!#$&^_.+a-z0-9-]{1,100}\/[!#$&^_.+a-z0-9-]{1,100}$/.test(type)) throw invalidProperties([`${at}/type`]);
    if (part.subParts != null || type?.startsWith('multipart/') === true) {
      if (type?.startsWith('multipart/') !== true || part.partId != null || part.blobId != null) throw invalidProperties([`${at}/subParts`]);
      const parts: OutPart[] = [];
      for (const [index, one] of (part.subParts ?? []).entries()) parts.push(await write(one, `${at}/subParts/${index}`, depth + 1));
      if (parts.length === 0) throw invalidProperties([`${at}/subParts`]);
      return { header: lines.join(''), content: { parts, subtype: type.slice('multipart/'.length) } };
    }
    if ((part.partId == null) === (part.blobId == null)) throw invalidProperties([`${at}/partId`, `${at}/blobId`]);
    if (part.partId != null) {
      const text = values.get(part.partId);
      if (text === undefined) throw invalidProperties([`${at}/partId`]);
      // They follow from the text.
      const said = (['charset', 'size'] as const).filter((name) => part[name] != null);
      if (said.length > 0) throw invalidProperties(said.map((name) => `${at}/${name}`));
      const known = type as string;
      const header = describe(part, known, 'utf-8', headers.names) + lines.join('');
      if (known === 'message/rfc822') throw invalidProperties([`${at}/type`]);
      return { header, content: known.startsWith('text/') ? { text } : { bytes: Buffer.from(text) } };
    }
    const found = await blob(part.blobId as string);
    if (found === undefined) {
      missing.push(part.blobId as string);
      return { header: '', content: { text: '' } };
    }
    if (part.size != null && part.size !== found.bytes.length) throw invalidProperties([`${at}/size`]);
    const known = type ?? (/^[!#$&^_.+a-z0-9-]{1,100}\/[!#$&^_.+a-z0-9-]{1,100}$/i.exec(found.type.split(';')[0] as string)?.[0].toLowerCase() ?? 'application/octet-stream');
    const header = describe(part, known, part.charset ?? undefined, headers.names) + lines.join('');
    return known === 'message/rfc822' ? { header, content: { message: found.bytes } } : { header, content: { bytes: found.bytes } };
  }

  return {
    write,
    check() {
      if (missing.length > 0) throw new SetError('blobNotFound', undefined, { notFound: [...new Set(missing)] });
    },
  };
}

type Part = z.infer<typeof partSchema>;

/** Of what is one word of a line: a line has at most 998 (RFC 5322 section 2.1.1). */
const MOST_CHARACTERS = 900;

/** Whether a property stands for the field already. */
function describes(part: Part, name: string): boolean {
  const property = { 'content-type': part.type ?? part.charset ?? part.name, 'content-disposition': part.disposition ?? part.name, 'content-id': part.cid, 'content-language': part.language, 'content-location': part.location }[name.toLowerCase()];
  return property != null;
}

function describe(part: Part, type: string, charset: string | undefined, given: ReadonlySet<string>): string {
  const lines: string[] = [];
  const name = part.name ?? undefined;
  if (!given.has('content-type')) lines.push(`Content-Type: ${type}${charset === undefined || !type.startsWith('text/') ? '' : parameter('charset', charset)}${name === undefined ? '' : parameter('name', name)}`);
  const disposition = part.disposition ?? (name === undefined ? undefined : 'attachment');
  if (disposition !== undefined && !given.has('content-disposition')) {
    lines.push(`Content-Disposition: ${/^[a-z0-9-]{1,60}$/i.test(disposition) ? disposition : 'attachment'}${name === undefined ? '' : parameter('filename', name)}`);
  }
  if (part.cid != null) lines.push(`Content-ID: <${part.cid.replaceAll(/[^!-~]|[<>]/g, '').slice(0, CID_LENGTH)}>`);
  if (part.language != null) lines.push(`Content-Language: ${part.language.slice(0, 20).map((tag) => tag.replaceAll(/[^A-Za-z0-9-]/g, '').slice(0, 35)).join(', ')}`);
  if (part.location != null) lines.push(`Content-Location: ${encodeURI(decodeURISafely(part.location)).slice(0, MOST_CHARACTERS)}`);
  return lines.map((line) => `${foldParameters(line)}\r\n`).join('');
}

function foldParameters(line: string): string {
  return line.length <= 76 ? line : line.replaceAll(/; (?=[a-z0-9*]+=)/gi, ';\r\n ');
}
