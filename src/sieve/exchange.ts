/**
 * Commands and answers over one socket, one at a time.
 *
 * Invariants: an answer that does not come in time, one that is too long, and an end of the connection reject. No message
 * holds what was sent.
 */
import type { Socket } from 'node:net';
import { CausewayError } from '#errors/index.ts';
import { createIncoming, type ExchangeOptions } from '#net/exchange.ts';
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

export function createExchange(socket: Socket, options: ExchangeOptions): Exchange {
  const { place } = options;
  const reader = createImapReader({ line: LINE_LIMIT, literal: SCRIPTS.literal });
  const incoming = createIncoming(socket, (chunk) => reader.push(chunk), options);

  /** Joins pieces into lines. @returns takes the next piece, and gives the line that it ends */
  function lines(most: number): (read: Piece) => Line | undefined {
    let parts: Line = [];
    let held: Buffer[] = [];
    return (read) => {
      if (read.kind === 'literal') {
        held.push(read.bytes);
        if (read.remaining === 0) parts.push({ literal: Buffer.concat(held) });
        return undefined;
      }
      parts.push(read.bytes);
      held = [];
      if (read.literal !== undefined) {
        if (read.literal.size > most) throw new CausewayError('limit', `a literal of more than ${most} bytes`, { place });
        return undefined;
      }
      const whole = parts;
      parts = [];
      return whole;
    };
  }

  return {
    answer(most = BRIEF) {
      const data: (readonly Token[])[] = [];
      const lineOf = lines(most.literal);
      return incoming.next(() => {
        for (let read = reader.read(); read !== undefined; read = reader.read()) {
          const line = lineOf(read);
          if (line === undefined) continue;
          const response = parseResponse(line);
          if (response.kind === 'status') return { ...response, data };
          if (data.length >= most.lines) throw new CausewayError('limit', `an answer of more than ${most.lines} lines`, { place });
          data.push(response.words);
        }
        return undefined;
      });
    },
    send(...parts) {
      socket.cork();
      for (const part of parts) socket.write(part);
      socket.write('\r\n');
      socket.uncork();
    },
    release() {
      incoming.release();
      return reader.rest();
    },
  };
}
