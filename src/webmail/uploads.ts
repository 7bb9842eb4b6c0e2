/**
 * What browsers uploaded and have not used yet (RFC 8620 section 6.1): files in a folder of the portal's own.
 *
 * Invariants: one account's are never another's. An account has at most PER_ACCOUNT bytes, all at most TOTAL; over it the
 * account's oldest go, and nobody else's. They live for an hour after the last use, and no longer than the process.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { LIMITS } from './jmap/limits.ts';
import type { Blobs } from './mail-access.ts';

/** Two mails with as much as platforms take. */
const PER_ACCOUNT = 200_000_000;
/** Of one. */
const MOST = LIMITS.maxSizeUpload;
/** Of all customers who are writing at once; a disk has more. */
const TOTAL = 2_000_000_000;
/** A mail with attachments is written within it, or its draft is saved, which holds them. */
const LIFE_MS = 3_600_000;

/** A customer's text. */
const NOT_NOW = 'Attachments cannot be taken at the moment. Please try again in a while.';

/** `size`: while it is written, as announced, or what has come. */
type Upload = { readonly account: number; readonly type: string; size: number; usedAt: number; isWritten: boolean };

type Bytes = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export type Uploads = {
  of(account: number): Blobs & {
    /**
     * As `put`, of bytes as they come: none are kept in memory.
     * @param announced how many there are; undefined: not known
     * @throws CausewayError 'limit' beyond MOST
     */
    take(type: string, bytes: Bytes, announced: number | undefined): Promise<{ readonly id: string; readonly size: number }>;
  };
};

/** @param folder emptied at the start */
export function createUploads(folder: string, clock: Clock): Uploads {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  /** The longest unused first. */
  const uploads = new Map<string, Upload>();

  async function drop(id: string): Promise<void> {
    uploads.delete(id);
    await rm(join(folder, id), { force: true });
  }

  async function makeRoom(account: number, size: number): Promise<void> {
    const old = clock.monotonic() - LIFE_MS;
    for (const [id, { usedAt, isWritten }] of uploads) if (isWritten && usedAt < old) await drop(id);
    const own = [...uploads].filter(([, upload]) => upload.account === account);
    let bytes = own.reduce((sum, [, upload]) => sum + upload.size, size);
    for (const [id, upload] of own) {
      if (bytes <= PER_ACCOUNT) break;
      if (!upload.isWritten) continue;
      bytes -= upload.size;
      await drop(id);
    }
    let all = size;
    for (const upload of uploads.values()) all += upload.size;
    if (all > TOTAL) throw new CausewayError('unavailable', 'the uploads of all accounts take too much', { customerText: NOT_NOW });
  }

  async function take(account: number, type: string, bytes: Bytes, announced = 0): Promise<{ id: string; size: number }> {
    await makeRoom(account, announced);
    const id = `U${randomBytes(16).toString('hex')}`;
    const upload: Upload = { account, type, size: announced, usedAt: clock.monotonic(), isWritten: false };
    uploads.set(id, upload);
    let size = 0;
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const piece of bytes) {
        size += piece.length;
        if (size > MOST) throw new CausewayError('limit', `an upload of more than ${MOST} bytes`);
        upload.size = Math.max(announced, size);
        yield piece;
      }
    }
    try {
      await writeFile(join(folder, id), counted(), { mode: 0o600 });
      if (size > announced) await makeRoom(account, 0);
    } catch (cause) {
      await drop(id);
      if (cause instanceof CausewayError) throw cause;
      throw new CausewayError('unavailable', 'an upload cannot be written', { cause, customerText: NOT_NOW });
    }
    Object.assign(upload, { size, isWritten: true });
    return { id, size };
  }

  return {
    of: (account) => ({
      take: (type, bytes, announced) => take(account, type, bytes, announced),
      put: async (type, bytes) => (await take(account, type, [bytes], bytes.length)).id,
      async get(id) {
        const upload = uploads.get(id);
        if (upload?.account !== account || !upload.isWritten) return undefined;
        upload.usedAt = clock.monotonic();
        uploads.delete(id);
        uploads.set(id, upload);
        return { type: upload.type, bytes: await readFile(join(folder, id)) };
      },
    }),
  };
}
