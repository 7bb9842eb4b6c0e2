/**
 * What sign-in carries over a restart: a file that is written whenever its content has changed.
 *
 * Invariants: the file is encrypted and authenticated (AES-256-GCM), is replaced whole or not at all, and holds digests
 * only. One that is torn, foreign, of another key or of another form counts as none: the instance starts empty and
 * says so. A disk that refuses the write costs the file, never a sign-in.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { messageOf } from '#errors/index.ts';
import { snapshotLost, snapshotRead, snapshotUnwritten } from '../events.ts';

const NONCE = 12;
const TAG = 16;

export type SealedContent = {
  /** Raised by every change. */
  readonly generation: number;
  /** What it holds in the turn in which this is called; resolves when that may be written. */
  pack(): Buffer | Promise<Buffer>;
  /** @returns how many entries it took. @throws when the bytes are of another form */
  restore(plain: Buffer): number;
  /** What `pack` gave last is on the disk. Must not reject. */
  written?(): Promise<void>;
};

export type SealedFile = {
  /** Writes what changed since the last writing. Never rejects. */
  save(): Promise<void>;
  /** Stops the rounds, waits for one that runs, and saves once more. */
  close(): Promise<void>;
};

/** Reads the file into `content`, then writes it every `everyMs` when that has changed. */
export async function startSealedFile(options: {
  file: string;
  /** 32 bytes. */
  key: Buffer;
  /** What the file begins with; another one's content is never taken for this one's. */
  magic: Buffer;
  everyMs: number;
  content: SealedContent;
  clock: Clock;
  emit: Emit;
}): Promise<SealedFile> {
  const { file, key, magic, everyMs, content, clock, emit } = options;
  await load();
  let written = content.generation;
  let running = Promise.resolve();
  const stop = new AbortController();
  const rounds = repeat();

  async function load(): Promise<void> {
    let bytes: Buffer;
    try {
      bytes = await readFile(file);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) emit(snapshotLost, { message: messageOf(error) });
      return;
    }
    try {
      emit(snapshotRead, { entries: content.restore(unseal(key, magic, bytes)) });
    } catch (error) {
      emit(snapshotLost, { message: messageOf(error) });
    }
  }

  async function write(): Promise<void> {
    const { generation } = content;
    if (generation === written) return;
    try {
      await replace(file, seal(key, magic, await content.pack()));
      written = generation;
      await content.written?.();
    } catch (error) {
      emit(snapshotUnwritten, { message: messageOf(error) });
    }
  }

  function save(): Promise<void> {
    running = running.then(write);
    return running;
  }

  async function repeat(): Promise<void> {
    try {
      for (;;) {
        await clock.sleep(everyMs, stop.signal);
        await save();
      }
    } catch {
      // Stopped.
    }
  }

  return {
    save,
    async close() {
      stop.abort();
      await rounds;
      await save();
    },
  };
}

/** The magic, 12 bytes of nonce, 16 bytes of tag, then the encrypted content. */
function seal(key: Buffer, magic: Buffer, plain: Buffer): Buffer {
  // A random nonce is safe for 2^32 writings under one key (NIST SP 800-38D, 8.3); one each 0.5 s makes 68 years.
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG }).setAAD(magic);
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([magic, nonce, cipher.getAuthTag(), body]);
}

function unseal(key: Buffer, magic: Buffer, bytes: Buffer): Buffer {
  const head = magic.length;
  if (bytes.length < head + NONCE + TAG || !bytes.subarray(0, head).equals(magic)) throw new Error(`not a file of ${magic.toString('latin1').trim()}`);
  const nonce = bytes.subarray(head, head + NONCE);
  const tag = bytes.subarray(head + NONCE, head + NONCE + TAG);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG }).setAAD(magic).setAuthTag(tag);
  return Buffer.concat([decipher.update(bytes.subarray(head + NONCE + TAG)), decipher.final()]);
}

/** Writes beside, syncs, renames, and syncs the folder: after a crash the old file is there, or the new one. */
async function replace(file: string, bytes: Buffer): Promise<void> {
  const beside = `${file}.new`;
  try {
    const handle = await open(beside, 'w', 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => {});
    throw error;
  }
  const folder = await open(dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
