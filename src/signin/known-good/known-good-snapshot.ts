/**
 * The known good on disk, so that a restart during an outage still admits: a snapshot, and a journal of what came since.
 *
 * Invariant: digests and times only, in a sealed file (`sealed-file.ts`) and in sealed frames (`known-good-journal.ts`,
 * which says what a crash costs).
 */
import type { Clock } from '#events/clock.ts';
import type { Emit } from '#events/index.ts';
import type { Digest, Keys } from './digest.ts';
import { ENDED, type JournalRecord } from './journal-frames.ts';
import { type Journal, startJournal } from './known-good-journal.ts';
import type { KnownGood } from './known-good.ts';
import { type SealedFile, startSealedFile } from './sealed-file.ts';

const MAGIC = Buffer.from('causeway known good 1\n', 'latin1');

/** 32 bytes of digest, 4 bytes of time in seconds (enough until 2106). */
const DIGEST = 32;
const RECORD = DIGEST + 4;

/**
 * How much of a journal a start has to read. 100,000 digests are 4 MB, some 20 ms; so while new ones come it takes a
 * five-hundredth of a core.
 */
const EVERY_MS = 10_000;

/** Reads both files into `knownGood`, then keeps them: the journal beside each change, the snapshot every ten seconds. */
export async function startSnapshot(options: { file: string; keys: Pick<Keys, 'snapshot' | 'journal'>; knownGood: KnownGood; clock: Clock; emit: Emit }): Promise<Pick<SealedFile, 'close'>> {
  const { file, keys, knownGood, clock, emit } = options;
  let journal: Journal | undefined;
  const snapshot = await startSealedFile({
    file,
    key: keys.snapshot,
    magic: MAGIC,
    everyMs: EVERY_MS,
    content: {
      get generation() {
        return knownGood.generation;
      },
      async pack() {
        const packed = pack(knownGood);
        // In the same turn, so that each change is in the one or after the other.
        await journal?.mark();
        return packed;
      },
      restore: (plain) => knownGood.restore(records(plain)),
      written: async () => journal?.cut(),
    },
    clock,
    emit,
  });
  journal = await startJournal({
    file: `${file}.journal`,
    key: keys.journal,
    restore: (read) => replay(knownGood, read),
    onLost: () => void snapshot.save(),
    clock,
    emit,
  });
  knownGood.tell((digest, checkedAt) => journal.note(digest, checkedAt === undefined ? ENDED : Math.floor(checkedAt / 1000)));
  return {
    async close() {
      await snapshot.close();
      await journal.close();
    },
  };
}

function replay(knownGood: KnownGood, read: readonly JournalRecord[]): void {
  // In the order of their last records, which is that of their last use.
  const last = new Map<Digest, number>();
  for (const [digest, seconds] of read) {
    last.delete(digest);
    last.set(digest, seconds);
  }
  for (const digest of last.keys()) knownGood.end(digest);
  knownGood.restore([...last].flatMap(([digest, seconds]) => (seconds === ENDED ? [] : [[digest, seconds * 1000] as const])));
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
