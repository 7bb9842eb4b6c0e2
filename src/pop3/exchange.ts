/**
 * Commands and answers over one socket, one at a time.
 *
 * Invariants: an answer that does not come in time, a line or an answer that is too long, and an end of the connection
 * reject. No message holds what was sent.
 */
import type { Socket } from 'node:net';
import { CausewayError } from '#errors/index.ts';
import { createIncoming, type ExchangeOptions } from '#net/exchange.ts';
import { createByteQueue } from '#wire/byte-queue.ts';
import { parseStatus, type Status, STATUS_LIMIT } from '#wire/pop3/response.ts';

export type Exchange = {
  /** The next answer's first line. */
  status(): Promise<Status>;
  /** The lines behind a multi-line `+OK`, their dots undone; by default at most LINES_LIMIT. */
  lines(most?: number): Promise<string[]>;
  /** `command` without CRLF. */
  send(command: string): void;
  /** Stops reading and gives back what was read and not used. */
  release(): Buffer;
};

/** CAPA's answer has a dozen. Who asks for a list of messages says how many may come. */
const LINES_LIMIT = 200;

export function createExchange(socket: Socket, options: ExchangeOptions): Exchange {
  const { place } = options;
  const queue = createByteQueue();
  const incoming = createIncoming(socket, (chunk) => queue.push(chunk), options);
  const line = (): Promise<Buffer> => incoming.next(() => queue.line(STATUS_LIMIT));

  return {
    async status() {
      const status = parseStatus(await line());
      if (status === undefined) throw new CausewayError('protocol', 'expected +OK or -ERR', { place });
      return status;
    },
    async lines(most = LINES_LIMIT) {
      const lines: string[] = [];
      for (;;) {
        const text = (await line()).toString('latin1');
        if (text === '.') return lines;
        if (lines.length >= most) throw new CausewayError('limit', `an answer of more than ${most} lines`, { place });
        lines.push(text.replace(/^\./, ''));
      }
    },
    send: (command) => void socket.write(`${command}\r\n`, 'utf8'),
    release() {
      incoming.release();
      return queue.rest();
    },
  };
}
