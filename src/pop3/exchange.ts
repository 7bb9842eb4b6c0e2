/**
 * Commands and answers over one socket, one at a time.
 *
 * Invariants: an answer that does not come in time, a line or an answer that is too long, and an end of the connection
 * reject. No message holds what was sent.
 */
import type { Socket } from 'node:net';
import { CausewayError } from '#errors/index.ts';
import type { Clock } from '#events/clock.ts';
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

export function createExchange(socket: Socket, options: { clock: Clock; answerMs: number; place: string }): Exchange {
  const { clock, answerMs, place } = options;
  const queue = createByteQueue();
  let over = socket.destroyed;
  let wake: () => void = () => {};
  const onData = (chunk: Buffer): void => {
    queue.push(chunk);
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

  async function line(): Promise<Buffer> {
    let late = false;
    const inTime = clock.after(answerMs, () => {
      late = true;
      wake();
    });
    try {
      for (;;) {
        const read = queue.line(STATUS_LIMIT);
        if (read !== undefined) return read;
        if (over) throw new CausewayError('unavailable', 'the server closed the connection', { place });
        if (late) throw new CausewayError('unavailable', `no answer within ${answerMs} ms`, { place });
        socket.resume();
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      inTime();
    }
  }

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
      socket.off('data', onData);
      socket.off('end', onOver);
      socket.off('close', onOver);
      socket.pause();
      return queue.rest();
    },
  };
}
