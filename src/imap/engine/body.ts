/**
 * One streamed literal between the input that gives its bytes and the consumer that asks for them.
 *
 * Invariants: it holds at most one chunk; the input is held while that chunk is not taken, also for the last and for an
 * empty one, so nothing after a literal is read before its consumer has come for it. A body ends with all of its bytes
 * or with an error, never short.
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
  let slot: { chunk: Buffer; last: boolean } | undefined;
  let wanted: { resolve(result: IteratorResult<Buffer>): void; reject(error: CausewayError): void } | undefined;
  let ended = false; // the last chunk was given
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
    if (wanted === undefined) {
      slot = { chunk, last };
      return false;
    }
    const { resolve } = wanted;
    if (last) ended = true;
    if (chunk.length > 0 || last) {
      wanted = undefined;
      resolve(chunk.length > 0 ? { done: false, value: chunk } : done);
    }
    return true;
  }

  async function next(): Promise<IteratorResult<Buffer>> {
    if (slot !== undefined) {
      const { chunk, last } = slot;
      slot = undefined;
      if (last) ended = true;
      release();
      if (chunk.length > 0) return { done: false, value: chunk };
    }
    if (ended) return done;
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
      if (ended) return;
      failure ??= error;
      slot = undefined;
      wanted?.reject(error);
      wanted = undefined;
    },
  };
}
