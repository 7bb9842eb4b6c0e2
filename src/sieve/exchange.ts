/**
 * Commands and answers over one socket, one at a time.
 *
 * Invariants: an answer that does not come in time, one that is too long, and an end of the connection reject. No message
 * holds what was sent.
 */
import type { Socket } from 'node:net';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
import { createImapReader, type Piece } from '#wire/imap/reader.ts';
import type { Line, Token } from '#wire/imap/tokens.ts';
import { parseResponse, type Status } from '#wire/sieve/response.ts';

/** `data`: the lines before the status, each as its words. */
export type Answer = Status & { readonly data: readonly (readonly Token[])[] };

export type Exchange = {
  answer(most?: { readonly literal: number; readonly lines: number }): Promise<Answer>;
  /** The parts of one command, without CRLF. */
  send(...parts: readonly (string | Buffer)[]): void;
  /** Stops reading and gives back what was read and not used. */
  release(): Buffer;
};

/** Bytes. A line has at most the extensions of a server, which are 500, or two quoted strings. */
const LINE_LIMIT = 16 * 1024;
/** The longest answer of signing in is that to CAPABILITY, and has ten lines; a literal there is a sentence. */
const BRIEF = { literal: 16 * 1024, lines: 100 };
/** Scripts: of a customer's, who has one or two; Pigeonhole takes at most 1 MB of one, and Cyrus 32 KB, where nobody said otherwise. */
export const SCRIPTS = { literal: 1024 * 1024, lines: 500 };

export function createExchange(socket: Socket, options: { clock: Clock; answerMs: number; place: string }): Exchange {
  const { clock, answerMs, place } = options;
  const reader = createImapReader({ line: LINE_LIMIT, literal: SCRIPTS.literal });
  let over = socket.destroyed;
  let wake: () => void = () => {};
  const onData = (chunk: Buffer): void => {
    reader.push(chunk);
    socket.pause(); // until it is asked for: an answer is small, and nothing else is due
    wake();
  };
  const onOver = (): void => {
    over = true;
    wake();
  };
  socket.on('data', onData);
  socket.on('end', onOver);
  socket.on('close', onOver);

  /** @param late whether the time is over */
  async function piece(late: () => boolean): Promise<Piece> {
    for (;;) {
      const read = reader.read();
      if (read !== undefined) return read;
      if (over) throw new CausewayError('unavailable', 'the server closed the connection', { place });
      if (late()) throw new CausewayError('unavailable', `no answer within ${answerMs} ms`, { place });
      socket.resume();
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  async function line(late: () => boolean, most: number): Promise<Line> {
    const parts: Line = [];
    for (let held: Buffer[] = []; ; ) {
      const read = await piece(late);
      if (read.kind === 'text') {
        parts.push(read.bytes);
        if (read.literal === undefined) return parts;
        if (read.literal.size > most) throw new CausewayError('limit', `a literal of more than ${most} bytes`, { place });
        held = [];
      } else {
        held.push(read.bytes);
        if (read.remaining === 0) parts.push({ literal: Buffer.concat(held) });
      }
    }
  }

  return {
    async answer(most = BRIEF) {
      let late = false;
      const inTime = clock.after(answerMs, () => {
        late = true;
        wake();
      });
      try {
        const data: (readonly Token[])[] = [];
        for (;;) {
          const response = parseResponse(await line(() => late, most.literal));
          if (response.kind === 'status') return { ...response, data };
          if (data.length >= most.lines) throw new CausewayError('limit', `an answer of more than ${most.lines} lines`, { place });
          data.push(response.words);
        }
      } finally {
        inTime();
      }
    },
    send(...parts) {
      socket.cork();
      for (const part of parts) socket.write(part);
      socket.write('\r\n');
      socket.uncork();
    },
    release() {
      socket.off('data', onData);
      socket.off('end', onOver);
      socket.off('close', onOver);
      socket.pause();
      return reader.rest();
    },
  };
}
