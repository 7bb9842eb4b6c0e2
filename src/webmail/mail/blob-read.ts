/**
 * What a blob id names: an upload, a message, or a part of either (RFC 8620 section 6.2). This is what a download gives.
 *
 * Invariants: a blob of any size costs one piece of memory at a time when it is streamed; when it is needed whole it is at
 * most WHOLE bytes. A part of a small message is what Email/get found in its bytes.
 */
import { CausewayError } from '#errors/index.ts';
import { partOf } from '../mime/body-structure.ts';
import { contentOf, parseMessage } from '../mime/parse-message.ts';
import { findPart, leaves, type Part } from '../mime/part.ts';
import { decodeTransfer, type EncodingName } from '../mime/transfer-encoding.ts';
import { bytesOf, itemLike, readIn } from './at-box.ts';
import type { MailContext } from './context.ts';
import { locationsOf, parseBlobId } from './email-id.ts';
import { SMALL } from './email-read.ts';
import type { Box } from './mailboxes.ts';

/** Of what is taken into memory: an attachment that goes into a message. As much as may be uploaded, with base64's third. */
const WHOLE = 70_000_000;
/** A literal of it is kept in memory while it comes; a multiple of 78 bytes, the lines of base64. */
const PIECE = 78 * 16_384;

export type BlobStream = { readonly type: string; readonly chunks: AsyncIterable<Buffer> };

/** @returns undefined where there is no such blob */
export async function openBlob(id: string, context: MailContext): Promise<BlobStream | undefined> {
  const name = parseBlobId(id);
  if (name === undefined) return undefined;
  if (name.of.startsWith('U')) return openUpload(name.of, name.partId, context);
  const location = (await locationsOf([name.of], context)).get(name.of);
  const box = location === undefined ? undefined : (await context.mailboxes()).byId.get(location.box);
  if (location === undefined || box === undefined || box.counts?.uidValidity !== location.uidValidity) return undefined;
  const { uid } = location;
  const known = await structureOf(box, uid, context);
  if (known === undefined) return undefined;
  if (name.partId === undefined) return { type: 'message/rfc822', chunks: sections(box, uid, '', known.size, undefined, context) };
  if (known.size <= SMALL) {
    const whole = await collect(sections(box, uid, '', known.size, undefined, context), WHOLE);
    return partIn(whole, name.partId);
  }
  const part = findPart(known.root, name.partId);
  return part === undefined ? undefined : { type: part.type, chunks: sections(box, uid, name.partId, part.encodedSize, part.encoding, context) };
}

/** The whole of a blob; undefined where there is none. Throws CausewayError 'limit' for one that is too large. */
export async function readBlob(id: string, context: MailContext): Promise<{ type: string; bytes: Buffer } | undefined> {
  const blob = await openBlob(id, context);
  return blob === undefined ? undefined : { type: blob.type, bytes: await collect(blob.chunks, WHOLE) };
}

async function openUpload(id: string, partId: string | undefined, context: MailContext): Promise<BlobStream | undefined> {
  const blob = await context.access.blobs.get(id);
  if (blob === undefined || partId !== undefined) return blob === undefined ? undefined : partIn(blob.bytes, partId as string);
  return { type: blob.type, chunks: once(blob.bytes) };
}

/** Numbers go on through messages that are attached to messages, as IMAP counts. */
export function partIn(bytes: Buffer, partId: string): BlobStream | undefined {
  const message = parseMessage(bytes);
  const direct = findPart(message.root, partId);
  if (direct !== undefined) return { type: direct.type, chunks: once(contentOf(message, direct)) };
  const around = leaves(message.root).find((part: Part) => part.type === 'message/rfc822' && partId.startsWith(`${part.partId}.`));
  return around?.partId === undefined ? undefined : partIn(contentOf(message, around), partId.slice(around.partId.length + 1));
}

async function structureOf(box: Box, uid: number, context: MailContext): Promise<{ size: number; root: Part } | undefined> {
  let found: { size: number; root: Part } | undefined;
  await context.access.imap((connection) =>
    readIn(connection, box, () =>
      connection.fetchItems(String(uid), ['RFC822.SIZE', 'BODYSTRUCTURE'], ({ items }) => {
        found = { size: Number(bytesOf(items.get('RFC822.SIZE'))?.toString('latin1') ?? 0) || 0, root: partOf(items.get('BODYSTRUCTURE')) };
      }),
    ),
  );
  return found;
}

/** A section in pieces, each read when the one before is taken, so that no connection waits for a slow reader. */
async function* sections(box: Box, uid: number, section: string, size: number, encoding: EncodingName | undefined, context: MailContext): AsyncIterable<Buffer> {
  let rest = ''; // of a line or a group of four that the next piece goes on with
  for (let at = 0; ; at += PIECE) {
    let found: Buffer | undefined;
    const opened = await context.access.imap((connection) =>
      readIn(connection, box, async () => {
        await connection.fetchItems(String(uid), [`BODY.PEEK[${section}]<${at}.${PIECE}>`], ({ items }) => {
          found = bytesOf(itemLike(items, `BODY[${section}]`));
        });
        return true;
      }),
    );
    if (opened === undefined || found === undefined) {
      if (at > 0 && opened === true) break;
      throw new CausewayError('unavailable', 'a message went away while it was read');
    }
    const bytes: Buffer = found;
    if (encoding === 'base64') {
      const text = rest + bytes.toString('latin1').replaceAll(/[^A-Za-z0-9+/=]/g, '');
      rest = text.slice(text.length - (text.length % 4));
      yield Buffer.from(text.slice(0, text.length - (text.length % 4)), 'base64');
    } else if (encoding === 'quoted-printable') {
      const text = rest + bytes.toString('latin1');
      const end = text.lastIndexOf('\n') + 1;
      rest = text.slice(end);
      yield decodeTransfer(Buffer.from(text.slice(0, end), 'latin1'), encoding);
    } else if (bytes.length > 0) {
      yield bytes;
    }
    if (bytes.length < PIECE || at + bytes.length >= size) break;
  }
  if (rest !== '') yield decodeTransfer(Buffer.from(rest, 'latin1'), encoding);
}

async function* once(bytes: Buffer): AsyncIterable<Buffer> {
  yield bytes;
}

async function collect(chunks: AsyncIterable<Buffer>, limit: number): Promise<Buffer> {
  const kept: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > limit) throw new CausewayError('limit', `a blob of more than ${limit} bytes`, { customerText: 'This attachment is too large.' });
    kept.push(chunk);
  }
  return Buffer.concat(kept);
}
