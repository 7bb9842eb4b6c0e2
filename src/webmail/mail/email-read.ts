/**
 * What Email/get needs of messages at the platform, in two rounds: what is known of each, then the parts of those whose
 * bodies are asked for.
 *
 * Small messages come whole, so that their parts are what our parser finds in the bytes; of large ones the platform's
 * structure is believed and only the texts are read. Both number parts as IMAP does.
 */
import type { ImapConnection } from '#imap/connection.ts';
import { parseFlags } from '#wire/imap/flags.ts';
import type { Token } from '#wire/imap/tokens.ts';
import { bodyLists } from '../mime/body-lists.ts';
import { partOf } from '../mime/body-structure.ts';
import { type Field, parseFields } from '../mime/fields.ts';
import { contentOf, parseMessage } from '../mime/parse-message.ts';
import type { Part } from '../mime/part.ts';
import { decodeTransfer } from '../mime/transfer-encoding.ts';
import { bytesOf, internalDateOf, itemLike, readIn, setOf } from './at-box.ts';
import { type Content, previewPart, type Source, VALUE_LIMIT, valueParts } from './email-object.ts';
import { CONVENIENT, type Wants, wantsBody, wantsParts } from './email-properties.ts';
import { isDeleted } from './keywords.ts';
import type { Box } from './mailboxes.ts';
import { ROOT_FIELDS } from './thread-root.ts';

export type ReadEmail = {
  readonly uid: number;
  readonly flags: readonly string[];
  readonly size: number;
  readonly receivedAt: number;
  readonly fields: readonly Field[];
  readonly root: Part | undefined;
  content(part: Part): Content | undefined;
};

/** Below this a message costs less whole than in two more round trips: most mail without attachments. */
export const SMALL = 256 * 1024;
/** Messages in memory at once while their bodies are read. */
const BATCH_BYTES = 32 * 1024 * 1024;
/** Fields of parts are read from the whole message, up to this size. */
const WHOLE_LIMIT = 16 * 1024 * 1024;
/** Bytes of a text that make a preview; HTML begins with its styles. */
const PREVIEW_BYTES = 2_048;
const PREVIEW_HTML_BYTES = 24 * 1024;

/** @param onEmail gets each; nothing of it is kept. Those with \Deleted are not there (RFC 8621 section 4.1.1). */
export async function readEmails(connection: ImapConnection, box: Box, uids: readonly number[], wants: Wants, onEmail: (email: ReadEmail) => void): Promise<void> {
  const first: Known[] = [];
  await readIn(connection, box, () =>
    connection.fetchItems(setOf(uids), firstItems(wants), ({ uid, items }) => {
      const known = knownOf(uid, items);
      if (!isDeleted(known.flags)) first.push(known);
    }),
  );
  if (!wantsParts(wants)) {
    for (const known of first) onEmail({ ...known, content: () => undefined });
    return;
  }
  const needsWhole = wants.partProperties.has('headers') || wants.partHeaders.size > 0;
  const isWhole = ({ size }: Known): boolean => wantsBody(wants) && size <= (needsWhole ? WHOLE_LIMIT : SMALL);
  await readWhole(connection, first.filter(isWhole), onEmail);
  await readParts(connection, first.filter((known) => !isWhole(known)), wants, onEmail);
}

type Known = Omit<ReadEmail, 'content'>;

function firstItems(wants: Wants): string[] {
  const { properties, headers } = wants;
  const items = ['FLAGS'];
  if (properties.has('receivedAt')) items.push('INTERNALDATE');
  if (properties.has('size') || wantsParts(wants)) items.push('RFC822.SIZE');
  if (wantsParts(wants)) items.push('BODYSTRUCTURE');
  const names = new Set([...CONVENIENT].flatMap(([property, [name]]) => (properties.has(property) ? [name.toUpperCase()] : [])));
  for (const { name } of headers.values()) names.add(name.toUpperCase());
  if (properties.has('threadId')) for (const name of ROOT_FIELDS) names.add(name);
  // What an atom of IMAP cannot hold is found in the whole header.
  const strange = [...names].some((name) => !/^[!#$&'+,\-./0-9;<=>?@A-Z^_`|}~]+$/.test(name));
  if (properties.has('headers') || strange || names.size > 30) items.push('BODY.PEEK[HEADER]');
  else if (names.size > 0) items.push(`BODY.PEEK[HEADER.FIELDS (${[...names].sort().join(' ')})]`);
  return items;
}

function knownOf(uid: number, items: ReadonlyMap<string, Token>): Known {
  const header = bytesOf(itemLike(items, 'BODY[HEADER'));
  const size = bytesOf(items.get('RFC822.SIZE'))?.toString('latin1') ?? '';
  return {
    uid,
    flags: items.has('FLAGS') ? parseFlags(items.get('FLAGS')) : [],
    size: /^\d{1,15}$/.test(size) ? Number(size) : 0,
    receivedAt: internalDateOf(items.get('INTERNALDATE')),
    fields: parseFields(header?.toString('latin1') ?? ''),
    root: items.has('BODYSTRUCTURE') ? partOf(items.get('BODYSTRUCTURE')) : undefined,
  };
}

async function readWhole(connection: ImapConnection, messages: readonly Known[], onEmail: (email: ReadEmail) => void): Promise<void> {
  const left = [...messages];
  while (left.length > 0) {
    const batch: Known[] = [];
    for (let bytes = 0; left.length > 0 && (batch.length === 0 || bytes + (left[0]?.size ?? 0) <= BATCH_BYTES); ) {
      const next = left.shift() as Known;
      bytes += next.size;
      batch.push(next);
    }
    const byUid = new Map(batch.map((known) => [known.uid, known]));
    await connection.fetchItems(setOf(byUid.keys()), ['BODY.PEEK[]'], ({ uid, items }) => {
      const known = byUid.get(uid);
      const bytes = bytesOf(items.get('BODY[]'));
      if (known === undefined || bytes === undefined) return;
      const message = parseMessage(bytes);
      onEmail({ ...known, fields: message.fields, root: message.root, content: (part) => ({ bytes: contentOf(message, part), isWhole: true }) });
    });
  }
}

/** Sections of one kind are asked for by one command for all messages that have them. */
async function readParts(connection: ImapConnection, messages: readonly Known[], wants: Wants, onEmail: (email: ReadEmail) => void): Promise<void> {
  const asked = new Map<string, number[]>(); // section with its range → UIDs
  for (const { uid, root } of messages) {
    for (const [section, length] of sectionsOf(root, wants)) {
      const item = `BODY.PEEK[${section}]<0.${length}>`;
      asked.set(item, [...(asked.get(item) ?? []), uid]);
    }
  }
  const bytes = new Map<string, Buffer>(); // by UID and section
  await Promise.all(
    [...asked].map(([item, uids]) =>
      connection.fetchItems(setOf(uids), [item], ({ uid, items }) => {
        const section = item.slice('BODY.PEEK['.length, item.indexOf(']'));
        const found = bytesOf(itemLike(items, `BODY[${section}]`));
        if (found !== undefined) bytes.set(`${uid} ${section}`, found);
      }),
    ),
  );
  for (const known of messages) {
    onEmail({
      ...known,
      content(part) {
        const found = part.partId === undefined ? undefined : bytes.get(`${known.uid} ${part.partId}`);
        return found === undefined ? undefined : { bytes: decodeTransfer(found, part.encoding), isWhole: found.length >= part.encodedSize };
      },
    });
  }
}

function sectionsOf(root: Part | undefined, wants: Wants): Map<string, number> {
  const sections = new Map<string, number>();
  if (root === undefined) return sections;
  const lists = bodyLists(root);
  const preview = wants.properties.has('preview') ? previewPart(lists) : undefined;
  if (preview?.partId !== undefined) sections.set(preview.partId, preview.type === 'text/html' ? PREVIEW_HTML_BYTES : PREVIEW_BYTES);
  // Base64 takes 4 bytes for 3, quoted-printable up to 3 for 1.
  for (const { partId } of valueParts(root, lists, wants)) if (partId !== undefined) sections.set(partId, VALUE_LIMIT * 3);
  return sections;
}

export function sourceOf(email: ReadEmail, id: string): Source {
  return { blobOf: id, fields: email.fields, root: email.root, content: email.content };
}
