import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFrames, FRAME_RECORDS, type JournalRecord, readFrames } from './journal-frames.ts';

const key = Buffer.alloc(32, 7);
const record = fc.tuple(
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  fc.nat({ max: 0xffff_ffff }),
);
const batches = fc.array(fc.array(record, { minLength: 1, maxLength: 5 }), { maxLength: 12 });

/** A file, and the length that it had after each of its writings; the first is its head with an empty frame. */
function write(written: readonly (readonly JournalRecord[])[]): { bytes: Buffer; ends: number[] } {
  const frames = createFrames(key);
  const parts = [Buffer.concat([frames.head, frames.next([])]), ...written.map((records) => frames.next(records))];
  let length = 0;
  return { bytes: Buffer.concat(parts), ends: parts.map((part) => (length += part.length)) };
}

test('a file torn anywhere gives the writings that are whole, in order, and no more', () => {
  fc.assert(
    fc.property(batches, fc.double({ min: 0, max: 1, noNaN: true }), (written, share) => {
      const { bytes, ends } = write(written);
      const cut = ends[0]! + Math.round(share * (bytes.length - ends[0]!));
      const whole = ends.filter((end) => end <= cut).length - 1;
      expect(readFrames(key, bytes.subarray(0, cut))).toEqual({ records: written.slice(0, whole).flat(), torn: cut - ends[whole]! });
    }),
  );
});

test('after the last whole frame anything may stand: zeros of a lost block, garbage, a frame of another place', () => {
  const tail = fc.oneof(
    fc.nat({ max: 5_000 }).map((length) => Buffer.alloc(length)),
    fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
  );
  fc.assert(
    fc.property(batches, tail, (written, after) => {
      const { bytes } = write(written);
      expect(readFrames(key, Buffer.concat([bytes, after]))).toEqual({ records: written.flat(), torn: after.length });
    }),
  );
  const { bytes, ends } = write([[['a'.repeat(32), 1]], [['b'.repeat(32), 2]]]);
  const again = bytes.subarray(ends[0], ends[1]);
  expect(readFrames(key, Buffer.concat([bytes, again])).torn).toBe(again.length);
  // Without the frame between, the last one is of another place.
  expect(readFrames(key, Buffer.concat([bytes.subarray(0, ends[0]), bytes.subarray(ends[1])])).records).toEqual([]);
});

test('a byte changed anywhere never gives a record that was not written before it', () => {
  fc.assert(
    fc.property(batches, fc.nat(), fc.integer({ min: 1, max: 255 }), (written, where, change) => {
      const { bytes, ends } = write(written);
      const at = where % bytes.length;
      bytes[at] = bytes[at]! ^ change;
      const whole = ends.filter((end) => end <= at).length - 1;
      if (whole < 0) expect(() => readFrames(key, bytes)).toThrow(/another key|not a journal/);
      else expect(readFrames(key, bytes).records).toEqual(written.slice(0, whole).flat());
    }),
  );
});

test('any bytes at all are read or refused', () => {
  const { bytes } = write([]);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat({ max: bytes.length }), (garbage, head) => {
      const file = Buffer.concat([bytes.subarray(0, head), garbage]);
      if (head < bytes.length) expect(() => readFrames(key, file)).toThrow(/another key|not a journal/);
      else expect(readFrames(key, file)).toEqual({ records: [], torn: garbage.length });
    }),
  );
});

test('of another key it is none; many records take several frames; digests are not to be seen', () => {
  const many = Array.from({ length: 2 * FRAME_RECORDS + 1 }, (_, n): JournalRecord => [String(n).padStart(32, 'digest '), n]);
  const { bytes } = write([many]);
  expect(() => readFrames(Buffer.alloc(32, 8), bytes)).toThrow('another key');
  expect(readFrames(key, bytes)).toEqual({ records: many, torn: 0 });
  expect(bytes.includes('digest digest')).toBe(false);
});
