/**
 * What a client sends before it is signed in, as lines and literals that are waited for.
 *
 * Invariants: bytes that nobody asked for yet are bounded by AHEAD_LIMIT, then the socket is paused. `gone` is aborted
 * as soon as the client's end is seen, also while nobody reads.
 */
import type { Socket } from 'node:net';
import { CausewayError } from '#errors/index.ts';
import { type ByteQueue, createByteQueue } from '#wire/byte-queue.ts';
import { isProxyHeader } from '#wire/proxy.ts';

export type ClientStream = {
  /** Without its line end. Throws CausewayError 'limit', or 'aborted' when the client went or `signal` ended the wait. */
  line(limit: number, signal: AbortSignal): Promise<Buffer>;
  literal(size: number, signal: AbortSignal): Promise<Buffer>;
  write(text: string): void;
  /** Its reason is CausewayError 'aborted'. */
  readonly gone: AbortSignal;
  /** Stops reading. The queue holds what was read and not used; the socket is the caller's. */
  release(): ByteQueue;
};

/** Commands that were sent behind the sign-in; an impatient client sends a few. */
const AHEAD_LIMIT = 64 * 1024;
/** Why `gone` is aborted. One for all, since each would cost its stack. */
const GONE = new CausewayError('aborted', 'the client went');

const ignore = (): void => {};

/** @param onProxyHeader called, once, when the client begins with a PROXY header, which is no more its to send than its address is */
export function createClientStream(socket: Socket, onProxyHeader?: () => void): ClientStream {
  const queue = createByteQueue();
  const gone = new AbortController();
  let ahead = 0;
  let wake: (() => void) | undefined;
  // The first bytes, until they tell; undefined when they have.
  let start = onProxyHeader === undefined ? undefined : Buffer.alloc(0);

  const onData = (chunk: Buffer): void => {
    if (start !== undefined) {
      start = Buffer.concat([start, chunk]);
      const foreign = isProxyHeader(start);
      if (foreign === true) onProxyHeader?.();
      if (foreign !== undefined) start = undefined;
    }
    queue.push(chunk);
    ahead += chunk.length;
    if (wake !== undefined) wake();
    else if (ahead >= AHEAD_LIMIT) socket.pause();
  };
  const onGone = (): void => {
    if (!gone.signal.aborted) gone.abort(GONE);
    wake?.();
  };
  /** Ends waits; one for all of them, since a listener for each would cost as much as the line. */
  let watched: AbortSignal | undefined;
  const onSignal = (): void => wake?.();
  socket.on('data', onData);
  socket.on('end', onGone);
  socket.on('close', onGone);
  socket.on('error', onGone);
  if (socket.destroyed) onGone();

  /** Resolves when more may be read. */
  async function more(signal: AbortSignal): Promise<void> {
    const check = (): void => {
      if (gone.signal.aborted || signal.aborted) throw new CausewayError('aborted', 'the client went, or its time was over');
    };
    check();
    ahead = 0; // all that came has been looked at, and is one unfinished line or literal at most
    socket.resume();
    if (watched !== signal) {
      watched?.removeEventListener('abort', onSignal);
      signal.addEventListener('abort', onSignal);
      watched = signal;
    }
    await new Promise<void>((resolve) => (wake = resolve));
    wake = undefined;
    check();
  }

  return {
    async line(limit, signal) {
      for (;;) {
        const line = queue.line(limit);
        if (line !== undefined) return line;
        await more(signal);
      }
    },
    async literal(size, signal) {
      const parts: Buffer[] = [];
      for (let left = size; left > 0; ) {
        const bytes = queue.bytes(left);
        if (bytes === undefined) {
          await more(signal);
        } else {
          parts.push(bytes);
          left -= bytes.length;
        }
      }
      return Buffer.concat(parts);
    },
    write(text) {
      if (socket.writable) socket.write(text, 'latin1');
    },
    gone: gone.signal,
    release() {
      socket.off('data', onData);
      socket.off('end', onGone);
      socket.off('close', onGone);
      socket.off('error', onGone);
      watched?.removeEventListener('abort', onSignal);
      watched = undefined;
      socket.on('error', ignore); // until the next owner listens
      return queue;
    },
  };
}
