/**
 * Bytes that came from the network and wait to be read as lines or as counted bytes.
 *
 * Invariants: bytes are given as views of the pushed chunk wherever one chunk holds them. Only an unfinished line is
 * copied, once, so that bytes that arrive one by one cost linear time and no chunk is kept alive for a few bytes of it.
 */
import { CausewayError } from '#errors/index.ts';

export type ByteQueue = {
  push(chunk: Buffer): void;
  /**
   * The next line without its CRLF or bare LF; undefined when it has not ended yet. Throws CausewayError 'limit' when
   * it is longer than `limit` bytes, ended or not.
   */
  line(limit: number): Buffer | undefined;
  /** 1 to `most` bytes; undefined when there are none. Only between lines. */
  bytes(most: number): Buffer | undefined;
  /** What `bytes` would give next, not taken. Only between lines. */
  peek(): Buffer | undefined;
  /** Whether no pushed chunk is needed any more; an unfinished line is a copy. */
  readonly isEmpty: boolean;
  /** Takes all bytes out, those of an unfinished line included. */
  rest(): Buffer;
};

/** Consumed chunks are cut off the queue in lots of this many, so that each costs constant time. */
const LOT = 1024;

/** The first piece of memory for an unfinished line; most lines are shorter. */
const FIRST_HOLD = 256;

const LF = 10;
const CR = 13;
const NOTHING = Buffer.alloc(0);

export function createByteQueue(): ByteQueue {
  const chunks: Buffer[] = [];
  let head = 0;
  let offset = 0; // in chunks[head]
  let held = NOTHING; // the start of an unfinished line, grown by doubling
  let heldLength = 0;

  function skip(count: number): void {
    offset += count;
    if (offset < (chunks[head]?.length ?? 0)) return;
    offset = 0;
    chunks[head] = NOTHING;
    head += 1;
    if (head === chunks.length) {
      chunks.length = 0;
      head = 0;
    } else if (head === LOT) {
      chunks.splice(0, LOT);
      head = 0;
    }
  }

  function hold(bytes: Buffer): void {
    const length = heldLength + bytes.length;
    if (length > held.length) {
      const grown = Buffer.allocUnsafe(Math.max(FIRST_HOLD, length, held.length * 2));
      held.copy(grown, 0, 0, heldLength);
      held = grown;
    }
    bytes.copy(held, heldLength);
    heldLength = length;
  }

  function tooLong(limit: number): never {
    throw new CausewayError('limit', `a line of more than ${limit} bytes`);
  }

  return {
    push(chunk) {
      if (chunk.length > 0) chunks.push(chunk);
    },
    line(limit) {
      for (;;) {
        const chunk = chunks[head];
        if (chunk === undefined) return undefined;
        const end = chunk.indexOf(LF, offset);
        const part = chunk.subarray(offset, end < 0 ? chunk.length : end);
        // One more than the limit: it may be the CR.
        if (heldLength + part.length > limit + 1) tooLong(limit);
        if (end < 0 || heldLength > 0) hold(part);
        skip(part.length + (end < 0 ? 0 : 1));
        if (end < 0) continue;
        let line = part;
        if (heldLength > 0) {
          line = held.subarray(0, heldLength); // given away: the next unfinished line gets memory of its own
          held = NOTHING;
          heldLength = 0;
        }
        if (line[line.length - 1] === CR) return line.subarray(0, -1);
        if (line.length > limit) tooLong(limit);
        return line;
      }
    },
    bytes(most) {
      const chunk = chunks[head];
      if (chunk === undefined) return undefined;
      const bytes = chunk.subarray(offset, offset + most);
      skip(bytes.length);
      return bytes;
    },
    get isEmpty() {
      return head === chunks.length;
    },
    peek: () => chunks[head]?.subarray(offset),
    rest() {
      const [first, ...others] = chunks.slice(head);
      const all = Buffer.concat([held.subarray(0, heldLength), first?.subarray(offset) ?? NOTHING, ...others]);
      chunks.length = 0;
      head = 0;
      offset = 0;
      held = NOTHING;
      heldLength = 0;
      return all;
    },
  };
}
