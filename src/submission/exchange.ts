/**
 * Commands and replies over one socket, one at a time.
 *
 * Invariants: a reply that does not come in time, one that is too long, and an end of the connection reject. No message
 * holds what was sent, nor what the server said: it may repeat it.
 */
import type { Socket } from 'node:net';
import { createIncoming, type ExchangeOptions } from '#net/exchange.ts';
import { createReplyReader, type Reply } from '#wire/smtp/reply.ts';

export type Exchange = {
  /** The next reply. */
  reply(): Promise<Reply>;
  /** Sends `command`, without CRLF, and gives the reply to it. */
  ask(command: string): Promise<Reply>;
  /** Stops reading and gives back what was read and not used. */
  release(): Buffer;
};

export function createExchange(socket: Socket, options: ExchangeOptions): Exchange {
  const reader = createReplyReader();
  const incoming = createIncoming(socket, (chunk) => reader.push(chunk), options);
  const reply = (): Promise<Reply> => incoming.next(() => reader.read());

  return {
    reply,
    ask(command) {
      socket.write(`${command}\r\n`, 'utf8');
      return reply();
    },
    release() {
      incoming.release();
      return reader.rest();
    },
  };
}
