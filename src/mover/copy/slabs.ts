/**
 * Memory for messages on their way, used again and again, into which they are read: buffers of their own, which the collector must find dead
 * before they are free, lie about by the hundred megabytes (npm run bench:mover).
 *
 * Invariants: bytes stay as they are until they are freed; a slab is written anew only when all that was in it is freed.
 * One of which something is never freed is the collector's. What is in use is bounded by the windows of those who copy.
 */

/** Two messages of the largest kind that is taken whole. */
const SLAB = 2 * 1024 * 1024;
/** Kept for the next: what a window and the messages that are being read take. Memory that is new costs more than to fill it. */
const SPARE = 8;

type Slab = { readonly memory: Buffer; used: number; held: number };

export type Held = {
  readonly bytes: Buffer;
  /** To be called once, when nothing reads the bytes any more. */
  free(): void;
};

export type Slabs = {
  /** Memory of exactly this size, for bytes that come. */
  memoryFor(size: number): Buffer;
  /** Keeps what came: where it is, if that is memory of ours, else a copy. */
  keep(bytes: Buffer): Held;
  /** Gives back what nothing is in. */
  dropSpare(): void;
};

export function createSlabs(size: number = SLAB): Slabs {
  const spare: Slab[] = [];
  /** By memory, and not by message: what is weak costs each collection. */
  const homes = new WeakMap<ArrayBufferLike, Slab>();
  let filling: Slab | undefined;

  function take(): Slab {
    const known = spare.pop();
    if (known !== undefined) return known;
    const slab = { memory: Buffer.allocUnsafeSlow(size), used: 0, held: 0 };
    homes.set(slab.memory.buffer, slab);
    return slab;
  }

  function leave(slab: Slab): void {
    slab.held -= 1;
    if (slab.held > 0) return;
    slab.used = 0;
    if (slab !== filling && spare.length < SPARE) spare.push(slab);
  }

  function memoryFor(wanted: number): Buffer {
    if (wanted > size) return Buffer.allocUnsafeSlow(wanted);
    if (filling === undefined || filling.used + wanted > size) {
      // One of which all was freed meanwhile is at its beginning again, and would have fitted.
      filling = take();
    }
    const memory = filling.memory.subarray(filling.used, filling.used + wanted);
    filling.used += wanted;
    filling.held += 1;
    return memory;
  }

  return {
    memoryFor,
    dropSpare: () => void spare.splice(0),
    keep(bytes) {
      let kept = bytes;
      let home = homes.get(bytes.buffer);
      if (home === undefined && bytes.length <= size) {
        kept = memoryFor(bytes.length);
        kept.set(bytes);
        home = homes.get(kept.buffer);
      }
      return { bytes: kept, free: home === undefined ? () => {} : () => leave(home) };
    },
  };
}

/** Of this process: its memory is one. Of messages that are to be sent. */
export const messageSlabs = createSlabs();
/** Of those that are only looked at: free at once, so that they do not keep slabs half full among those that wait. */
export const printSlabs = createSlabs();
