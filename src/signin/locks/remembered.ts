/**
 * What locks carry over a restart, as bytes: known networks, own secrets of before, and the ceilings' counts.
 *
 * Invariant: digests and times only. A record that ends too early makes the reading throw; the seal has shown the bytes to be ours.
 *
 * Form 1: records of a kind (1 byte), an account's id (6), two counts of items (1, 1), two times in seconds (4, 4), a
 * version (4), then the items: 6 bytes of digest each, those of networks with 4 bytes of time.
 */
import type { SealedContent } from '../known-good/sealed-file.ts';
import type { Ceiling } from './ceiling.ts';
import type { Familiar } from './familiar.ts';

const FAMILIAR = 1;
const COUNT = 2;
const HEAD = 21;
const DIGEST = 6;
const TIME = 4;

export function createRemembered({ familiar, ceiling }: { familiar: Familiar; ceiling: Ceiling }): SealedContent {
  return {
    get generation() {
      return familiar.generation + ceiling.generation;
    },
    pack() {
      const records: Buffer[] = [];
      for (const [id, { networks, secrets }] of familiar.entries()) {
        const record = head(FAMILIAR, id, [networks.size, secrets.length], { since: 0, lastAt: 0, version: 0 }, networks.size * (DIGEST + TIME) + secrets.length * DIGEST);
        let at = HEAD;
        for (const [network, time] of networks) at = record.writeUInt32BE(seconds(time), record.writeUIntBE(network, at, DIGEST));
        for (const secret of secrets) at = record.writeUIntBE(secret, at, DIGEST);
        records.push(record);
      }
      for (const [id, count] of ceiling.entries()) {
        const { wrong } = count;
        const record = head(COUNT, id, [wrong.size, 0], count, wrong.size * DIGEST);
        let at = HEAD;
        for (const secret of wrong) at = record.writeUIntBE(secret, at, DIGEST);
        records.push(record);
      }
      return Buffer.concat(records);
    },
    restore(plain) {
      let at = 0;
      let records = 0;
      const digests = (count: number): number[] => {
        const read = Array.from({ length: count }, (_, i) => plain.readUIntBE(at + i * DIGEST, DIGEST));
        at += count * DIGEST;
        return read;
      };
      while (at < plain.length) {
        const kind = plain.readUInt8(at);
        const id = plain.readUIntBE(at + 1, DIGEST);
        const [first, second] = [plain.readUInt8(at + 7), plain.readUInt8(at + 8)];
        const [since, lastAt, version] = [0, 4, 8].map((offset) => plain.readUInt32BE(at + 9 + offset)) as [number, number, number];
        at += HEAD;
        if (kind === FAMILIAR) {
          const networks = new Map<number, number>();
          for (let i = 0; i < first; i++, at += DIGEST + TIME) networks.set(plain.readUIntBE(at, DIGEST), plain.readUInt32BE(at + DIGEST) * 1000);
          familiar.restore(id, { networks, secrets: digests(second) });
        } else {
          ceiling.restore(id, { version, since: since * 1000, lastAt: lastAt * 1000, wrong: digests(first) });
        }
        records += 1;
      }
      return records;
    },
  };
}

function head(kind: number, id: number, counts: readonly [number, number], times: { since: number; lastAt: number; version: number }, items: number): Buffer {
  const record = Buffer.alloc(HEAD + items);
  record.writeUInt8(kind, 0);
  record.writeUIntBE(id, 1, DIGEST);
  record.writeUInt8(counts[0], 7);
  record.writeUInt8(counts[1], 8);
  record.writeUInt32BE(seconds(times.since), 9);
  record.writeUInt32BE(seconds(times.lastAt), 13);
  record.writeUInt32BE(times.version, 17);
  return record;
}

function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}
