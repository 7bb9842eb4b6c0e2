/**
 * The known good on disk, so that a restart during an outage still admits.
 *
 * Invariant: digests and times only, in a sealed file (`sealed-file.ts`).
 */
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import type { Digest } from './digest.ts';
import type { KnownGood } from './known-good.ts';
import { type SealedFile, startSealedFile } from './sealed-file.ts';

const MAGIC = Buffer.from('causeway known good 1\n', 'latin1');

/** 32 bytes of digest, 4 bytes of time in seconds (enough until 2106). */
const DIGEST = 32;
const RECORD = DIGEST + 4;

/**
 * What a crash can cost: the devices of this time are checked once more, and kept out where nobody can check them. 100,000
 * digests are 4 MB, some 20 ms; so while new ones come it takes a twenty-fifth of a core at most.
 */
const EVERY_MS = 500;

/** Reads the file into `knownGood`, then writes it every half second in which it changed. `key`: from `deriveKeys`. */
export function startSnapshot(options: { file: string; key: Buffer; knownGood: KnownGood; clock: Clock; emit: Emit }): Promise<SealedFile> {
  const { knownGood, ...rest } = options;
  const content = {
    get generation() {
      return knownGood.generation;
    },
    pack: () => pack(knownGood),
    restore: (plain: Buffer) => knownGood.restore(records(plain)),
  };
  return startSealedFile({ ...rest, magic: MAGIC, everyMs: EVERY_MS, content });
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
  if (packed.length % RECORD !== 0) throw new Error('a snapshot of another form');
  for (let at = 0; at < packed.length; at += RECORD) {
    yield [packed.toString('latin1', at, at + DIGEST), packed.readUInt32BE(at + DIGEST) * 1000] as const;
  }
}
