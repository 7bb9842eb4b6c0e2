/**
 * The known good on disk, so that a restart during an outage still admits.
 *
 * Invariants: the file is encrypted and authenticated (AES-256-GCM), is replaced whole or not at all, and holds digests
 * only. One that is torn, foreign, of another key or of another form counts as none: the instance starts empty and
 * says so. A disk that refuses the write costs the snapshot, never a sign-in.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import { messageOf } from '#errors/index.ts';
import type { Digest } from './digest.ts';
import { snapshotLost, snapshotRead, snapshotUnwritten } from './events.ts';
import type { KnownGood } from './known-good.ts';

/** Form 1: magic, 12 bytes of nonce, 16 bytes of tag, then the encrypted records. */
const MAGIC = Buffer.from('causeway known good 1\n', 'latin1');
const NONCE = 12;
const TAG = 16;

/** 32 bytes of digest, 4 bytes of time in seconds (enough until 2106). */
const DIGEST = 32;
const RECORD = DIGEST + 4;

/** What a crash can cost: the devices of these seconds are checked once more. 100,000 digests are 4 MB, some 20 ms. */
const EVERY_MS = 5_000;

export type Snapshot = {
  /** Writes what changed since the last writing. Never rejects. */
  save(): Promise<void>;
  /** Stops the rounds, waits for one that runs, and saves once more. */
  close(): Promise<void>;
};

/** Reads the file into `knownGood`, then writes it every 5 s when it changed. */
export async function startSnapshot(options: {
  file: string;
  /** 32 bytes, from `deriveKeys`. */
  key: Buffer;
  knownGood: KnownGood;
  clock: Clock;
  emit: Emit;
}): Promise<Snapshot> {
  const { file, key, knownGood, clock, emit } = options;
  await load();
  let written = knownGood.generation;
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
      emit(snapshotRead, { entries: knownGood.restore(records(decrypt(key, bytes))) });
    } catch (error) {
      emit(snapshotLost, { message: messageOf(error) });
    }
  }

  async function write(): Promise<void> {
    const generation = knownGood.generation;
    if (generation === written) return;
    try {
      await replace(file, encrypt(key, pack(knownGood)));
      written = generation;
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
        await clock.sleep(EVERY_MS, stop.signal);
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

function pack(knownGood: KnownGood): Buffer {
  const packed = Buffer.allocUnsafe(knownGood.size * RECORD);
  let at = 0;
  for (const [digest, checkedAt] of knownGood.entries()) {
    packed.write(digest, at, DIGEST, 'latin1');
    packed.writeUInt32BE(Math.floor(checkedAt / 1000), at + DIGEST);
    at += RECORD;
  }
  return packed;
}

function* records(packed: Buffer): Generator<readonly [Digest, number]> {
  for (let at = 0; at + RECORD <= packed.length; at += RECORD) {
    yield [packed.toString('latin1', at, at + DIGEST), packed.readUInt32BE(at + DIGEST) * 1000] as const;
  }
}

function encrypt(key: Buffer, plain: Buffer): Buffer {
  // A random nonce is safe for 2^32 writings under one key (NIST SP 800-38D, 8.3); one each 5 s makes 680 years.
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG }).setAAD(MAGIC);
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([MAGIC, nonce, cipher.getAuthTag(), body]);
}

function decrypt(key: Buffer, bytes: Buffer): Buffer {
  const head = MAGIC.length;
  if (bytes.length < head + NONCE + TAG || !bytes.subarray(0, head).equals(MAGIC)) throw new Error('not a snapshot of the known good');
  const nonce = bytes.subarray(head, head + NONCE);
  const tag = bytes.subarray(head + NONCE, head + NONCE + TAG);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG }).setAAD(MAGIC).setAuthTag(tag);
  const plain = Buffer.concat([decipher.update(bytes.subarray(head + NONCE + TAG)), decipher.final()]);
  if (plain.length % RECORD !== 0) throw new Error('a snapshot of another form');
  return plain;
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
