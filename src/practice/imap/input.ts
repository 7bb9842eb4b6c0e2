/**
 * The reading side of a connection: the pieces of the client's bytes, on demand. The socket is read only when a piece
 * is wanted and none is there, so a client that sends too fast waits in its own send buffer.
 */
import type { Socket } from 'node:net';
import { createImapReader, type Piece } from '#wire/imap/reader.ts';

/** A literal's size is checked by whoever reads the command; RFC 3501's `number` ends here. */
const MOST_LITERAL = 0xffff_ffff;

export type Input = {
  /** Undefined at the end of the connection. Throws CausewayError 'limit' on a line over 64 KiB. */
  piece(): Promise<Piece | undefined>;
  refuseLiteral(): void;
};

/** @param beforeWaiting is called and awaited each time the client's bytes are used up */
export function createInput(socket: Socket, beforeWaiting: () => Promise<void>): Input {
  const reader = createImapReader({ literal: MOST_LITERAL });
  const chunks = socket[Symbol.asyncIterator]();
  return {
    async piece() {
      for (;;) {
        const piece = reader.read();
        if (piece) return piece;
        await beforeWaiting();
        const chunk = await chunks.next().catch(() => undefined);
        if (chunk === undefined || chunk.done) return undefined;
        reader.push(chunk.value as Buffer);
      }
    },
    refuseLiteral: reader.refuseLiteral,
  };
}
