/**
 * One streamed literal between the input that gives its bytes and the consumer that asks for them.
 *
 * Invariants: it has at most one chunk, which is the consumer's until it asks for more or stops; until then the input is
 * held, also for the last and for an empty one, so nothing after a literal is read before its consumer has come for it,
 * and the chunk's memory is not written anew. A body ends with all of its bytes or with an error, never short.
 */
import { CausewayError } from '#errors/index.ts';
import type { LiteralSink } from './input.ts';

export type BodyChannel = {
  readonly sink: LiteralSink;
  /** For one consumer. One that stops early lets the rest go by unread. */
  readonly body: AsyncIterable<Buffer>;
  /** Nobody wants the rest. */
  discard(): void;
  fail(error: CausewayError): void;
};

/** @param release tells the input that it may go on */
export function createBody(release: () => void): BodyChannel {
  /** What the input is held for: not taken yet, or in the consumer's hands. */
  let slot: { readonly chunk: Buffer; readonly last: boolean; taken: boolean } | undefined;
  let wanted: { resolve(result: IteratorResult<Buffer>): void; reject(error: CausewayError): void } | undefined;
  let ended = false; // all was given
  let discarding = false;
  let failure: CausewayError | undefined;

  const done: IteratorResult<Buffer> = { done: true, value: undefined };

  function discard(): void {
    if (discarding || ended) return;
    discarding = true;
    // For one that reads on after its consumer has ended: a short body must not look whole.
    failure ??= new CausewayError('aborted', 'a body was let go by');
    wanted?.reject(failure);
    wanted = undefined;
    if (slot === undefined) return;
    slot = undefined;
    release();
  }

  function sink(chunk: Buffer, last: boolean): boolean {
    if (discarding) return true;
    if (chunk.length === 0 && wanted !== undefined) {
      if (!last) return true;
      ended = true;
      wanted.resolve(done);
      wanted = undefined;
      return true;
    }
    slot = { chunk, last, taken: wanted !== undefined };
    wanted?.resolve({ done: false, value: chunk });
    wanted = undefined;
    return false;
  }

  async function next(): Promise<IteratorResult<Buffer>> {
    while (slot?.taken === true || slot?.chunk.length === 0) {
      ended = slot.last;
      slot = undefined;
      // What is there already is in the slot then.
      release();
    }
    if (ended) return done;
    if (slot !== undefined) {
      slot.taken = true;
      return { done: false, value: slot.chunk };
    }
    if (failure !== undefined) throw failure;
    if (wanted !== undefined) throw new CausewayError('internal', 'a body has one consumer');
    return new Promise((resolve, reject) => {
      wanted = { resolve, reject };
    });
  }

  const iterator: AsyncIterator<Buffer> = {
    next,
    async return() {
      discard();
      return done;
    },
  };

  return {
    sink,
    body: { [Symbol.asyncIterator]: () => iterator },
    discard,
    fail(error) {
      // Who has the last of it has all of it.
      if (ended || (slot?.taken === true && slot.last)) return;
      failure ??= error;
      slot = undefined;
      wanted?.reject(error);
      wanted = undefined;
    },
  };
}
