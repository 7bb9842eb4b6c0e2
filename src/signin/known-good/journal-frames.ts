/**
 * The bytes of the known good's journal: a head, then frames of records, each encrypted and authenticated.
 *
 *     magic | 32 bytes of salt | frame | frame ...      frame: u32 length of its body | 16 bytes of tag | body
 *
 * Invariants: each file has a key of its own, derived with its salt, and a frame's nonce is its number in the file, so
 * that none can be left out, repeated, put elsewhere or taken over from another file. Reading ends at the first frame
 * that is not whole: what a crash tore off is at the end. The first frame is written with the head, so a file whose
 * first frame does not open is of another key, or not ours.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Digest } from './digest.ts';

const MAGIC = Buffer.from('causeway known good journal 1\n', 'latin1');
const SALT = 32;
const TAG = 16;
const NONCE = 12;
const HEAD = MAGIC.length + SALT;

const DIGEST = 32;
const RECORD = DIGEST + 4;
/** Of one frame: 36 KiB, some tens of microseconds. A length above it is torn. */
export const FRAME_RECORDS = 1_000;

/** A digest and the time of its last full check, in whole seconds since the epoch, or ENDED. */
export type JournalRecord = readonly [Digest, number];

export const ENDED = 0;

export type Frames = {
  /** The head of the file, to be written before all frames. */
  readonly head: Buffer;
  /** The next frames of the file; at least one. */
  next(records: readonly JournalRecord[]): Buffer;
};

/** @param key 32 bytes; @returns the frames of one new file */
export function createFrames(key: Buffer): Frames {
  const salt = randomBytes(SALT);
  const own = fileKey(key, salt);
  let number = 0;
  return {
    head: Buffer.concat([MAGIC, salt]),
    next(records) {
      const frames: Buffer[] = [];
      for (let at = 0; at === 0 || at < records.length; at += FRAME_RECORDS) {
        frames.push(seal(own, number, pack(records.slice(at, at + FRAME_RECORDS))));
        number += 1;
      }
      return Buffer.concat(frames);
    },
  };
}

/**
 * Reads what is whole.
 * @returns the records in the order in which they were written, and how many bytes at the end were not read
 * @throws Error when the file is of another form or key
 */
export function readFrames(key: Buffer, bytes: Buffer): { records: JournalRecord[]; torn: number } {
  if (bytes.length < HEAD || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('not a journal of the known good');
  const own = fileKey(key, bytes.subarray(MAGIC.length, HEAD));
  const records: JournalRecord[] = [];
  let at = HEAD;
  for (let number = 0; at < bytes.length; number += 1) {
    const body = open(own, number, bytes.subarray(at));
    if (body === undefined) break;
    unpack(body, records);
    at += 4 + TAG + body.length;
  }
  if (at === HEAD) throw new Error('a journal of another key, or without its beginning');
  return { records, torn: bytes.length - at };
}

function fileKey(key: Buffer, salt: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, MAGIC, 32));
}

function nonceOf(number: number): Buffer {
  const nonce = Buffer.alloc(NONCE);
  nonce.writeUInt32BE(number, NONCE - 4);
  return nonce;
}

function seal(key: Buffer, number: number, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(number), { authTagLength: TAG }).setAAD(length);
  const sealed = Buffer.concat([cipher.update(body), cipher.final()]);
  return Buffer.concat([length, cipher.getAuthTag(), sealed]);
}

/** @returns undefined when the frame is not whole */
function open(key: Buffer, number: number, from: Buffer): Buffer | undefined {
  if (from.length < 4 + TAG) return undefined;
  const length = from.readUInt32BE(0);
  if (length % RECORD !== 0 || length > FRAME_RECORDS * RECORD || from.length < 4 + TAG + length) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(number), { authTagLength: TAG });
  decipher.setAAD(from.subarray(0, 4)).setAuthTag(from.subarray(4, 4 + TAG));
  const body = decipher.update(from.subarray(4 + TAG, 4 + TAG + length));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return body;
}

function pack(records: readonly JournalRecord[]): Buffer {
  const packed = Buffer.allocUnsafe(records.length * RECORD);
  for (const [index, [digest, seconds]] of records.entries()) {
    packed.write(digest, index * RECORD, DIGEST, 'latin1');
    packed.writeUInt32BE(seconds, index * RECORD + DIGEST);
  }
  return packed;
}

function unpack(body: Buffer, into: JournalRecord[]): void {
  for (let at = 0; at < body.length; at += RECORD) into.push([body.toString('latin1', at, at + DIGEST), body.readUInt32BE(at + DIGEST)]);
}
